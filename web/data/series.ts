/**
 * Series as the chart takes them: one axis of times, one row of values a device, null where nothing was heard.
 *
 * @module
 */
import type { SeriesAnswer, StoredReading } from "../api_types.ts";
import { getJson, ServiceError } from "../services.ts";
import { stepFor } from "./range.ts";
import { nextDay } from "./zone.ts";

/** What the chart draws. */
export interface Series {
  step: string;
  /** Starts of the steps, ms. */
  times: number[];
  devices: { id: string; means: (number | null)[] }[];
}

/** Energy by hour, day or month, over all devices, kWh. */
export interface Bar {
  start: number;
  imported: number;
  exported: number;
}

/** Asks for the series of a range; out of readings where the service keeps no history. */
export async function seriesOf(
  siteId: string,
  from: number,
  to: number,
  timeZone: string,
): Promise<Series> {
  const { step, ms } = stepFor(from, to);
  try {
    return align(await ask(siteId, from, to, step, timeZone), ms);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status !== 404) throw error;
    return align(await fromReadings(siteId, from, to, step, ms), ms);
  }
}

/** The energy bars of a range; null where the service keeps no history. */
export async function barsOf(
  siteId: string,
  from: number,
  to: number,
  step: "1h" | "1d" | "1mo",
  timeZone: string,
): Promise<Bar[] | null> {
  try {
    const { devices } = await ask(siteId, from, to, step, timeZone);
    const bars = new Map<number, Bar>();
    for (const point of devices.flatMap((device) => device.points)) {
      const start = Date.parse(point.start);
      const bar = bars.get(start) ?? { start, imported: 0, exported: 0 };
      bar.imported += point.import_kwh;
      bar.exported += point.export_kwh;
      bars.set(start, bar);
    }
    return fillBars([...bars.values()], step, timeZone);
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404) return null;
    throw error;
  }
}

/** In order, with an empty bar for each hour or day, in the zone's calendar, in which nothing was heard. */
export function fillBars(
  bars: Bar[],
  step: "1h" | "1d" | "1mo",
  timeZone: string,
): Bar[] {
  bars.sort((a, b) => a.start - b.start);
  if (step === "1mo") return bars;
  const filled: Bar[] = [];
  for (const bar of bars) {
    while (filled.length > 0) {
      const last = filled.at(-1)!.start;
      const start = step === "1h" ? last + 3_600_000 : nextDay(last, timeZone);
      // Summer time of Lord Howe is half an hour, and old offsets have seconds.
      if (bar.start - start <= 1_800_000) break;
      filled.push({ start, imported: 0, exported: 0 });
    }
    filled.push(bar);
  }
  return filled;
}

function ask(
  siteId: string,
  from: number,
  to: number,
  step: string,
  timeZone: string,
) {
  const query = new URLSearchParams({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    step,
    tz: timeZone,
  });
  return getJson<SeriesAnswer>(
    "processing",
    `/sites/${encodeURIComponent(siteId)}/series?${query}`,
  );
}

/** Puts all devices on one axis; a step that is missing between two others is a gap. */
export function align(
  answer: Pick<SeriesAnswer, "step" | "devices">,
  stepMs: number,
): Series {
  const starts = new Set<number>();
  const rows = answer.devices.map(({ device_id, points }) => {
    const row = new Map<number, number | null>();
    for (const { start, mean } of points) {
      const time = Date.parse(start);
      row.set(time, mean);
      starts.add(time);
    }
    return { id: device_id, row };
  });
  const known = [...starts].sort((a, b) => a - b);
  const times: number[] = [];
  for (const time of known) {
    const last = times.at(-1);
    if (last !== undefined && time - last > stepMs * 1.5) {
      times.push(last + stepMs);
    }
    times.push(time);
  }
  return {
    step: answer.step,
    times,
    devices: rows.map(({ id, row }) => ({
      id,
      means: times.map((time) => row.get(time) ?? null),
    })),
  };
}

/** How many of the newest readings stand in for a history. */
const NEWEST = 5_000;

async function fromReadings(
  siteId: string,
  from: number,
  to: number,
  step: string,
  ms: number,
): Promise<Pick<SeriesAnswer, "step" | "devices">> {
  const { readings } = await getJson<{ readings: StoredReading[] }>(
    "processing",
    `/sites/${encodeURIComponent(siteId)}/readings?order=desc&limit=${NEWEST}`,
  );
  const devices = new Map<
    string,
    Map<number, { sum: number; count: number }>
  >();
  for (const { device_id, power_reading, timestamp } of readings) {
    const time = Date.parse(timestamp);
    if (time < from || time >= to) continue;
    const start = Math.floor(time / ms) * ms;
    let bins = devices.get(device_id);
    if (bins === undefined) devices.set(device_id, bins = new Map());
    const bin = bins.get(start) ?? { sum: 0, count: 0 };
    bins.set(start, { sum: bin.sum + power_reading, count: bin.count + 1 });
  }
  return {
    step,
    devices: [...devices].sort(([a], [b]) => a < b ? -1 : 1).map((
      [device_id, bins],
    ) => ({
      device_id,
      points: [...bins].map(([start, { sum, count }]) => ({
        start: new Date(start).toISOString(),
        mean: sum / count,
        min: null,
        max: null,
        import_kwh: 0,
        export_kwh: 0,
      })),
    })),
  };
}
