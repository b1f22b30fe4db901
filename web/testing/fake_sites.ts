/**
 * What the stand-in says: believable sites, with a day's curve and the sun.
 *
 * @module
 */

import { fromLocal, nextDay, toLocal } from "../data/zone.ts";

const KINDS = ["house", "office", "factory", "depot", "school"];

/** A day curve: a base, a working day, the sun. */
export function power(site: number, device: number, ms: number): number {
  const hour = (ms / 3_600_000) % 24;
  const noise = Math.sin(ms / 61_000 + site * 7 + device) * 0.06 + 1;
  if (device === 1) {
    return -Math.max(0, Math.sin((hour - 6) / 12 * Math.PI)) * 3200 *
      (1 + site % 3) * noise;
  }
  const work = hour > 7 && hour < 19 ? 1 : 0.25;
  return (420 + work * 2600 * (1 + site % 5) +
    900 * Math.exp(-((hour - 19) ** 2) / 4)) * noise;
}

/** The name of a site. */
export const siteId = (i: number) =>
  `${KINDS[i % KINDS.length]}-${
    String(Math.floor(i / KINDS.length) + 1).padStart(3, "0")
  }`;

const devicesOf = (i: number) => (i % 3 === 0 ? ["main", "solar"] : ["main"]);
/** A site as `/live` says it. */
export const siteNow = (i: number, ms: number) => ({
  last_heard: new Date(ms).toISOString(),
  devices: devicesOf(i).map((device_id, d) => ({
    device_id,
    power_reading: power(i, d, ms),
    timestamp: new Date(ms).toISOString(),
  })),
});
/** `GET /sites`. */
export const answerSites = (sites: number, url: URL) => {
  const now = Date.now();
  const since = Date.parse(url.searchParams.get("since") ?? "");
  const list = Array.from({ length: sites }, (_, i) => ({
    site_id: siteId(i),
    count: 1440,
    ...siteNow(i, now),
    ...(since > 0 && {
      means: Array.from(
        { length: Math.floor((now - since) / 900_000) },
        (_, s) => ({
          start: new Date(since + s * 900_000).toISOString(),
          mean: devicesOf(i).reduce(
            (sum, _, d) => sum + power(i, d, since + s * 900_000),
            0,
          ),
        }),
      ),
      today: {
        import_kwh: 12.3 * (1 + i % 7),
        export_kwh: i % 3 === 0 ? 4.2 * (1 + i % 3) : 0,
      },
    }),
  }));
  return Response.json({ count: list.length, sites: list });
};
const steps: Record<string, number> = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
};
/** `GET /sites/{id}/series`, with a gap; days are those of the zone. */
export const answerSeries = (i: number, url: URL) => {
  const step = url.searchParams.get("step")!;
  const ms = steps[step] ?? 30 * 86_400_000;
  const zone = url.searchParams.get("tz") ?? "UTC";
  const given = Date.parse(url.searchParams.get("from")!);
  const from = step === "1d"
    ? fromLocal(`${toLocal(given, zone).slice(0, 10)}T00:00`, zone)
    : Math.floor(given / ms) * ms;
  const to = Math.min(Date.now(), Date.parse(url.searchParams.get("to")!));
  const starts: number[] = [];
  for (
    let at = from;
    at < to;
    at = step === "1d" ? nextDay(at, zone) : at + ms
  ) {
    starts.push(at);
  }
  return Response.json({
    site_id: siteId(i),
    step,
    devices: devicesOf(i).map((device_id, d) => ({
      device_id,
      points: starts.map((start) => {
        const mean = power(i, d, start);
        const kwh = mean * ms / 3.6e9;
        return {
          start: new Date(start).toISOString(),
          mean,
          min: mean,
          max: mean,
          import_kwh: Math.max(0, kwh),
          export_kwh: Math.max(0, -kwh),
          count: 60,
          coverage: 1,
        };
      }).filter((_, s, all) => s < all.length * 0.42 || s > all.length * 0.46),
    })),
  });
};
