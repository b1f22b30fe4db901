/**
 * Lets a series grow by a reading.
 *
 * @module
 */
import type { StoredReading } from "../api_types.ts";
import type { Series } from "../data/series.ts";

const STEP_MS: Record<string, number> = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
};

/**
 * The series with a reading in its step; the step shows the newest value until the page is loaded anew with the
 * mean. Steps before `from` fall out. A reading older than the last step changes nothing.
 */
export function appendReading(
  series: Series,
  reading: StoredReading,
  from: number,
): Series {
  const ms = STEP_MS[series.step] ?? 60_000;
  const start = Math.floor(Date.parse(reading.timestamp) / ms) * ms;
  const last = series.times.at(-1) ?? -Infinity;
  if (start < last) return series;
  const times = [...series.times];
  const devices = series.devices.map(({ id, means }) => ({
    id,
    means: [...means],
  }));
  let device = devices.find(({ id }) => id === reading.device_id);
  if (device === undefined) {
    device = { id: reading.device_id, means: times.map(() => null) };
    devices.push(device);
  }
  // A null between two steps that are far apart keeps the gap open.
  for (
    const time of start - last > ms * 1.5 && times.length > 0
      ? [last + ms, start]
      : start > last
      ? [start]
      : []
  ) {
    times.push(time);
    for (const { means } of devices) means.push(null);
  }
  device.means[times.length - 1] = reading.power_reading;
  const drop = Math.max(0, times.findIndex((time) => time >= from - ms));
  return {
    step: series.step,
    times: times.slice(drop),
    devices: devices.map(({ id, means }) => ({ id, means: means.slice(drop) })),
  };
}
