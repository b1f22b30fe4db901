/**
 * What a stored reading says, without parsing all of it.
 *
 * @module
 */

import { epochMsOf } from "../core/timestamp.ts";

/** What is wanted of a site's readings. */
export interface Wanted {
  /** Only of this device. */
  deviceId?: string;
  /** Only from this time on, in milliseconds since 1970. */
  from?: number;
  /** Only before this time, in milliseconds since 1970. */
  to?: number;
}

/** The value behind a name; names, timestamps and ids hold nothing that JSON would have to escape. */
function textOf(json: string, name: string): string {
  const start = json.indexOf(`"${name}":"`) + name.length + 4;
  return json.slice(start, json.indexOf('"', start));
}

/**
 * The time of a stored reading.
 *
 * @param json The reading.
 * @returns Milliseconds since 1970, the fraction cut to whole milliseconds.
 */
export function timeOf(json: string): number {
  return epochMsOf(textOf(json, "timestamp"));
}

/**
 * The device of a stored reading.
 *
 * @param json The reading.
 * @returns Its name.
 */
export function deviceOf(json: string): string {
  return textOf(json, "device_id");
}

/**
 * The power of a stored reading.
 *
 * @param json The reading.
 * @returns The power, in W.
 */
export function powerOf(json: string): number {
  // `parseFloat` stops at the comma.
  return parseFloat(json.slice(json.indexOf('"power_reading":') + 16));
}

/**
 * Hands on what stored readings say. One without a device, a time or a power, which another program has pushed, says nothing.
 *
 * @param jsons The readings.
 * @param add Given the device, the time in milliseconds since 1970 and the power in W of each, in their order.
 */
export function eachReading(
  jsons: string[],
  add: (deviceId: string, time: number, power: number, index: number) => void,
): void {
  for (let i = 0; i < jsons.length; i++) {
    const json = jsons[i];
    const time = timeOf(json), power = powerOf(json);
    const deviceId = deviceOf(json);
    if (Number.isFinite(time) && Number.isFinite(power) && deviceId !== "") {
      add(deviceId, time, power, i);
    }
  }
}

/**
 * Tells which stored readings are wanted.
 *
 * @param wanted What is wanted.
 * @returns The test; `undefined` when all are.
 */
export function matcherOf(
  { deviceId, from, to }: Wanted,
): ((json: string) => boolean) | undefined {
  const part = deviceId === undefined ? "" : `"device_id":"${deviceId}"`;
  if (from === undefined && to === undefined) {
    return deviceId === undefined ? undefined : (json) => json.includes(part);
  }
  const first = from ?? -Infinity, end = to ?? Infinity;
  return (json) => {
    if (!json.includes(part)) return false;
    const time = timeOf(json);
    return time >= first && time < end;
  };
}
