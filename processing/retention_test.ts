import { daysKey, metaKey, seriesKey, SITES } from "../core/keys.ts";
import { createLog, type Logger } from "../core/log.ts";
import { startService, until } from "../dev/testing.ts";
import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { retentionRounds, trimSeries } from "./retention.ts";
import { goRound, startRounds } from "./rounds.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { series, setRolled, storeReadings } from "./testing/site.ts";

const DAY = 86_400_000;

async function addDay(h: Harness, site: string, day: number, device: string) {
  await h.redis.hset(seriesKey(site, day, device), "0", "x");
  await h.redis.zadd(daysKey(site), day, `${day}:${device}`);
}

Deno.test("retention trims every site, those without new readings too, one replica a round", async () => {
  await using h = await createHarness();
  const sites = Array.from({ length: 25 }, (_, i) => `site-${i}`);
  const old = Date.now() - 100 * DAY;
  for (const site of sites) {
    await storeReadings(h, site, series(1100, old));
    await setRolled(h, site, 1100);
  }
  let removed = 0;
  const rounds = retentionRounds(
    h.redis,
    { READINGS_RETENTION: 90 * DAY },
    (count) => removed += count,
  )!;
  const went = await Promise.all(
    [1, 2, 3].map(() => goRound(h.redis, rounds)),
  );
  assertEquals(went.filter(Boolean).length, 1);
  assertEquals(removed, sites.length * 1000);
  for (const site of sites) {
    assertEquals((await h.powers(site)).length, 100);
    assertEquals(await h.redis.hget(metaKey(site), "base"), "1000");
  }
});

Deno.test("retention keeps all while nothing else is set, and goes on while readings come", async () => {
  await using h = await createHarness({}, { SITE_READINGS_MAX: "1500" });
  assertEquals(retentionRounds(h.redis, {}), undefined);
  const rounds = retentionRounds(h.redis, h.config)!;
  const log = await createLog("test", h.config);
  const stop = startRounds(h.redis, { ...rounds, everyMs: 60 }, log);
  for (let at = 0; at < 6000; at += 2000) {
    await storeReadings(h, "site-001", series(2000, Date.now(), at));
    await setRolled(h, "site-001", at + 2000);
    await until(async () => (await h.powers()).length < 2500, {
      message: "what is too much is gone",
    });
  }
  await stop();
  assertEquals((await h.powers()).at(-1), 5999);
  assert((await h.powers()).length >= 1500);
});

Deno.test("retention goes through a site however much it has too much", async () => {
  await using h = await createHarness();
  await storeReadings(h, "site-001", series(25_000, Date.now()));
  await setRolled(h, "site-001", 25_000);
  await goRound(h.redis, retentionRounds(h.redis, { SITE_READINGS_MAX: 1 })!);
  assertEquals((await h.powers()).length, 1000);
});

Deno.test("a site whose key holds something else keeps no other from being trimmed", async () => {
  await using h = await createHarness();
  const sites = Array.from({ length: 45 }, (_, i) => `site-${i}`);
  for (const [i, site] of sites.entries()) {
    await storeReadings(h, site, series(1100, Date.now()));
    await setRolled(h, site, 1100);
    if (i % 3 === 0) await h.redis.set(daysKey(site), "x");
  }
  const rounds = retentionRounds(h.redis, {
    SITE_READINGS_MAX: 100,
    SERIES_RETENTION: DAY,
  })!;
  let ended = 0;
  const done = () => Promise.resolve(ended++);
  await assertRejects(
    () => goRound(h.redis, { ...rounds, done }),
    /WRONGTYPE/,
  );
  assertEquals(ended, 1);
  for (const site of sites) {
    assertEquals((await h.powers(site)).length, 100);
  }
});

Deno.test("rounds that fail say so once, and again only after one that went well", async () => {
  await using h = await createHarness();
  await h.redis.zadd(SITES, 1, "site-001");
  const told: unknown[] = [];
  const log = {
    error: (_: string, { why }: Record<string, unknown>) => told.push(why),
  } as unknown as Logger;
  let visits = 0, fault: Error | undefined = new Error("no room");
  const stop = startRounds(h.redis, {
    name: "test",
    // Between two rounds it is asked for one more, which is not due.
    everyMs: 160,
    visit: () => {
      visits++;
      return fault === undefined ? Promise.resolve() : Promise.reject(fault);
    },
  }, log);
  const more = async (message: string) => {
    const before = visits;
    // Two begun later, so one of them has ended.
    await until(() => visits >= before + 2, { message });
  };
  await more("it has failed twice");
  await more("and twice more");
  assertEquals(told, ["no room"]);
  fault = undefined;
  await more("it went well");
  fault = new Error("Command timed out");
  await more("Redis is away");
  assertEquals(told, ["no room"]);
  fault = new Error("no room");
  await more("it fails again");
  await stop();
  assertEquals(told, ["no room", "no room"]);
});

Deno.test("trimSeries() takes the days that have ended before, whatever the device is called", async () => {
  await using h = await createHarness();
  const today = 20_000;
  for (let day = today - 120; day <= today; day++) {
    for (const device of ["a", "b:1:2"]) {
      await addDay(h, "site-001", day, device);
    }
  }
  await addDay(h, "other", 1, "a");
  const before = (today - 9) * DAY;
  assertEquals(await trimSeries(h.redis, "site-001", before + 5), 2 * 111);
  assertEquals(await trimSeries(h.redis, "site-001", before + 5), 0);
  const keys = await h.redis.keys("site_series:site-001:*");
  assertEquals(keys.length, 20);
  assertEquals(await h.redis.zcard(daysKey("site-001")), 20);
  assertEquals(await h.redis.exists(seriesKey("other", 1, "a")), 1);
  await h.redis.zadd(SITES, 1, "other");
  await goRound(h.redis, retentionRounds(h.redis, { SERIES_RETENTION: DAY })!);
  assertEquals(await h.redis.exists(seriesKey("other", 1, "a")), 0);
});

Deno.test("processing keeps what its settings say, and tells how many readings it removed", async () => {
  await using h = await createHarness();
  await storeReadings(h, "site-001", series(5500, Date.now() - 5 * DAY));
  await storeReadings(h, "site-001", series(2000, Date.now(), 5500));
  await setRolled(h, "site-001", 7500);
  await addDay(h, "site-001", 100, "a");
  await using processing = await startService("processing", {
    REDIS_URL: h.server.url,
    READINGS_RETENTION: "4d",
    SERIES_RETENTION: "30d",
  });
  await until(async () => (await h.powers()).length < 7500, {
    message: "what is too old is gone",
  });
  await until(async () => await h.redis.exists(daysKey("site-001")) === 0, {
    message: "so are its sums",
  });
  assertEquals((await h.powers())[0], 5000);
  const metrics = await (await fetch(`${processing.url}/metrics`)).text();
  assertEquals(
    /^energy_readings_removed_total (\d+)/m.exec(metrics)?.[1],
    "5000",
  );
});
