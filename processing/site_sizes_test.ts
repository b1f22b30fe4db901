import {
  daysKey,
  roundKey,
  seriesKey,
  SITE_SIZES,
  SITES,
} from "../core/keys.ts";
import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { goRound } from "./rounds.ts";
import { measureSite, sizeRounds } from "./site_sizes.ts";
import { createHarness } from "./testing/harness.ts";
import { series, storeReadings } from "./testing/site.ts";

Deno.test("a site's size is close to what Redis's memory grows by", async () => {
  await using h = await createHarness({ own: true });
  const used = async () =>
    Number(
      /^used_memory_dataset:(\d+)/m.exec(await h.redis.info("memory"))![1],
    );
  await storeReadings(h, "s", series(100, Date.now()));
  await h.redis.xtrim("energy_readings", "MAXLEN", 0);
  const [before, small] = [await used(), await measureSite(h.redis, "s")];
  await storeReadings(h, "s", series(20_000, Date.now()));
  for (let day = 0; day < 500; day++) {
    const fields = Array.from(
      { length: 96 },
      (_, i) => [`${i}`, "x".repeat(56)],
    );
    await h.redis.pipeline().hset(seriesKey("s", day, "a"), ...fields.flat())
      .zadd(daysKey("s"), day, `${day}:a`).exec();
  }
  await h.redis.xtrim("energy_readings", "MAXLEN", 0);
  const grown = await used() - before;
  const said = await measureSite(h.redis, "s") - small;
  assert(Math.abs(said / grown - 1) < 0.2, `${said} of ${grown} bytes`);
});

Deno.test("a site that cannot be measured keeps the size that it had", async () => {
  await using h = await createHarness({ own: true });
  await storeReadings(h, "s", series(100, Date.now()));
  await goRound(h.redis, sizeRounds(h.redis));
  const before = await h.redis.zscore(SITE_SIZES, "s");
  assert(Number(before) > 0);
  await h.redis.del(roundKey("sizes"));
  await h.redis.acl("SETUSER", "default", "-memory");
  await assertRejects(() => goRound(h.redis, sizeRounds(h.redis)), /NOPERM/);
  assertEquals(await h.redis.zscore(SITE_SIZES, "s"), before);
});

Deno.test("GET /pipeline and /pipeline/sites tell what sites take, the largest first, the same from every replica", async () => {
  await using h = await createHarness();
  for (let i = 0; i < 600; i++) {
    await h.redis.zadd(SITES, 1, `site-${i}`);
    await h.redis.rpush(`site_readings:site-${i}`, "x".repeat(10 * i));
  }
  await h.redis.zadd(SITE_SIZES, 1e9, "deleted");
  assert(await goRound(h.redis, sizeRounds(h.redis)));
  const [one, other] = [await h.app(), await h.app()];
  const get = async (app: typeof one, path: string) => {
    const response = await app.request(path);
    const next = /<(.+)>/.exec(response.headers.get("link") ?? "")?.[1];
    return { ...await response.json(), next };
  };
  const { sites } = await get(one, "/pipeline");
  assertEquals(sites.count, 600);
  assertEquals(sites.sites.length, 10);
  assertEquals(sites.sites[0].site_id, "site-599");
  assertEquals((await get(other, "/pipeline")).sites, sites);
  const all: { site_id: string; bytes: number }[] = [];
  for (let path = "/pipeline/sites?limit=250"; path !== undefined;) {
    const page = await get(one, path);
    all.push(...page.sites);
    path = page.next;
  }
  assertEquals(new Set(all.map(({ site_id }) => site_id)).size, 600);
  assertEquals(
    all.reduce((total, { bytes }) => total + bytes, 0),
    sites.bytes,
  );
  assert(all.every(({ bytes }, i) => i === 0 || bytes <= all[i - 1].bytes));
  const bad = await one.request("/pipeline/sites?cursor=x");
  assertEquals(
    [bad.status, (await bad.json()).errors[0].parameter],
    [422, "cursor"],
  );
});
