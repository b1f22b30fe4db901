/**
 * How fast history is answered: ranges, series, the overview; and what keeping it costs the drain.
 *
 * @module
 */

import { Redis } from "ioredis";
import { readingsKey, ROLLER, SITES } from "../core/keys.ts";
import type { Redis as Client } from "../core/redis.ts";
import { roll } from "../processing/roll.ts";
import { drain } from "./drain.ts";
import type { Plan } from "./main.ts";
import { benchRedis, ready, type Source, start } from "./processes.ts";
import { gather, type Measured, median } from "./report.ts";

/** Pushes readings numbered from ARGV 2 up to before ARGV 3 of ARGV 4 devices, ARGV 5 ms apart, back from ARGV 6. */
const FILL = `
local from, to, devices, apart, first = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local function civil(ms)
  local days = math.floor(ms / 86400000)
  local rest = ms - days * 86400000
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local d = doy - math.floor((153 * mp + 2) / 5) + 1
  local m = mp < 10 and mp + 3 or mp - 9
  local y = yoe + era * 400 + (m <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d', y, m, d, math.floor(rest / 3600000), math.floor(rest / 60000) % 60, math.floor(rest / 1000) % 60)
end
for number = from, to - 1 do
  local time = civil(first + math.floor(number / devices) * apart)
  redis.call('RPUSH', KEYS[1], string.format(
    '{"site_id":"%s","device_id":"meter-%d","power_reading":%.1f,"timestamp":"%sZ","id":"%d-%d"}',
    ARGV[1], number % devices, 1000 + number * 37 % 9000 / 10, time, first, number))
end`;

const DAY_MS = 86_400_000, MAX_GAP_MS = 900_000;

/** A list to be filled. */
interface List {
  site: string;
  count: number;
  devices: number;
  /** Milliseconds between two readings of a device, and when the first is. */
  apart: number;
  first: number;
}

/** Fills a list and rolls it up. */
async function fill(client: Redis, list: List): Promise<void> {
  const { site, count, devices, apart, first } = list;
  await client.zadd(SITES, Date.now(), site);
  for (let from = 0; from < count; from += 20_000) {
    const to = Math.min(from + 20_000, count);
    const key = readingsKey(site);
    await client.eval(FILL, 1, key, site, from, to, devices, apart, first);
  }
  const options = { maxGapMs: MAX_GAP_MS };
  while ((await roll(client as Client, site, options)).readings > 0);
}

/** Times a request: until its first byte, and until its last. */
async function time(url: string): Promise<{ first: number; whole: number }> {
  const begun = performance.now();
  const response = await fetch(url);
  const reader = response.body!.getReader();
  await reader.read();
  const first = performance.now() - begun;
  while (!(await reader.read()).done);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return { first, whole: performance.now() - begun };
}

/**
 * Measures history.
 *
 * @param source How to start Redis.
 * @param plan How much to measure.
 * @returns Milliseconds for each kind of question, and the drain with and without the roller.
 */
export async function measureHistory(
  source: Source,
  plan: Plan,
): Promise<Measured[]> {
  return [
    ...await measureRanges(source, plan),
    ...await measureOverview(source, plan),
    await measureRoller(source, plan),
  ];
}

/** A day out of lists of one reading a minute, and a month out of one reading a second. */
async function measureRanges(
  source: Source,
  { rounds, month }: Plan,
): Promise<Measured[]> {
  await using redis = await benchRedis(source, "everysec");
  const first = Date.UTC(2024, 0, 1);
  const counts = [10_000, 100_000, 1_000_000];
  for (const count of counts) {
    console.error(`Filling a list of ${count} readings`);
    const list = { site: `of-${count}`, devices: 1, apart: 60_000, first };
    await fill(redis.client, { ...list, count });
  }
  console.error(`Filling a list of ${month} readings`);
  const list = { site: "month", devices: 1, apart: 1000, first };
  await fill(redis.client, { ...list, count: month });
  await using processing = await start("processing", { REDIS_URL: redis.url });
  await ready(processing);
  const iso = (time: number) => new Date(time).toISOString();
  const measured: Measured[] = [];
  for (const count of counts) {
    // The fourth day of seven, and as far from either end in the longer lists.
    const from = first + Math.floor(count / 1440 / 2) * DAY_MS;
    const url = `${processing.url}/sites/of-${count}/readings?from=${
      iso(from)
    }&to=${iso(from + DAY_MS)}`;
    const values = gather();
    for (let round = -2; round < rounds; round++) {
      const { first } = await time(url);
      if (round >= 0) values.push(first);
    }
    measured.push({
      name: `First byte of a day out of ${
        count.toLocaleString("en")
      } readings in order`,
      unit: "ms",
      values,
      goals: [{ of: "value", below: 20 }],
    });
  }
  const values = gather();
  const url = `${processing.url}/sites/month/series?step=15m&from=${
    iso(first)
  }&to=${iso(first + 30 * DAY_MS)}`;
  for (let round = -2; round < rounds; round++) {
    const { whole } = await time(url);
    if (round >= 0) values.push(whole);
  }
  measured.push({
    name: `Series of 30 days by 15 minutes out of ${
      month.toLocaleString("en")
    } readings`,
    unit: "ms",
    values,
    goals: [{ of: "value", below: 100 }],
  });
  return measured;
}

/** 500 sites with three devices, a reading every five minutes since the day before yesterday. */
async function measureOverview(
  source: Source,
  { rounds }: Plan,
): Promise<Measured[]> {
  await using redis = await benchRedis(source, "everysec");
  const now = Date.now();
  const devices = 3, apart = 300_000, count = devices * 576;
  const first = Math.floor(now / apart - 575) * apart;
  console.error("Filling the lists of 500 sites");
  for (let site = 0; site < 500; site++) {
    const name = `site-${String(site).padStart(3, "0")}`;
    await fill(redis.client, { site: name, count, devices, apart, first });
  }
  const since = new Date(now - DAY_MS).toISOString();
  const measured: Measured[] = [];
  for (const step of ["15m", "1h"]) {
    const cold = gather(), warm = gather();
    for (let round = 0; round < rounds; round++) {
      await using processing = await start("processing", {
        REDIS_URL: redis.url,
      });
      await ready(processing);
      const url = `${processing.url}/sites?since=${since}&step=${step}`;
      cold.push((await time(url)).whole);
      for (let again = 0; again < 10; again++) await time(url);
      // The collector is at work in every second or third.
      const nine = gather();
      for (let again = 0; again < 9; again++) {
        nine.push((await time(url)).whole);
      }
      warm.push(median(nine));
    }
    for (const [kind, values] of Object.entries({ cold, warm })) {
      measured.push({
        name: `Overview of 500 sites, 24 h by ${step}, from a ${kind} process`,
        unit: "ms",
        values,
        goals: kind === "warm" ? [{ of: "value", below: 50 }] : [],
      });
    }
  }
  return measured;
}

/** The drain with the roller at work, against one in which another replica is said to have its lock. */
async function measureRoller(
  source: Source,
  { rounds, drained }: Plan,
): Promise<Measured> {
  await using redis = await benchRedis(source, "always");
  const values = gather(), floor = gather();
  for (let round = 0; round <= rounds; round++) {
    console.error(`Roller, ${round === 0 ? "warm-up" : `round ${round}`}`);
    const without = await drain(
      redis,
      "processing",
      drained,
      () => redis.client.set(ROLLER, "another"),
    );
    const { rate } = await drain(redis, "processing", drained);
    if (round === 0) continue;
    floor.push(without.rate);
    values.push(rate);
  }
  return {
    name: `Drain of ${
      drained.toLocaleString("en")
    } readings, rolled up meanwhile`,
    unit: "readings/s",
    values,
    floor: { name: "the same without the roller", values: floor },
    goals: [{ of: "ratio", atLeast: 0.8 }],
  };
}
