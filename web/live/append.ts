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
 * mean. Steps before `from` fall out. A reading older than its device's last step changes nothing; another device
 * may be ahead of it.
 */
export function appendReading(
  series: Series,
  reading: StoredReading,
  from: number,
): Series {
  const ms = STEP_MS[series.step] ?? 60_000;
  const start = Math.floor(Date.parse(reading.timestamp) / ms) * ms;
  const { times } = series;
  const fresh = { id: reading.device_id, means: times.map(() => null) };
  const known = series.devices.some(({ id }) => id === fresh.id);
  const devices: Series["devices"] = known
    ? series.devices
    : [...series.devices, fresh];
  const { means } = devices.find(({ id }) => id === fresh.id)!;
  const newest = times[means.findLastIndex((mean) => mean !== null)];
  if (start < newest || start < from - ms) return series;

  const head = times.findLastIndex((time) => time < start) + 1;
  const isNew = times[head] !== start;
  const tail = isNew ? head : head + 1;
  // A null between two steps that are far apart keeps the gap open.
  const isFar = (one: number, two: number) => two - one > ms * 1.5;
  const before = isNew && isFar(times[head - 1], start)
    ? [times[head - 1] + ms]
    : [];
  const after = isFar(start, times[tail]) ? [start + ms] : [];
  const dropped = times.findIndex((time) => time >= from - ms);
  const first = dropped < 0 ? head : dropped;
  const grown = <T>(row: T[], gap: (ms: number) => T, value: T) => [
    ...row.slice(first, head),
    ...before.map(gap),
    value,
    ...after.map(gap),
    ...row.slice(tail),
  ];
  return {
    step: series.step,
    times: grown(times, (time) => time, start),
    devices: devices.map(({ id, means }) => ({
      id,
      means: grown<number | null>(
        means,
        () => null,
        id === fresh.id ? reading.power_reading : isNew ? null : means[head],
      ),
    })),
  };
}
