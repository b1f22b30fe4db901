import {
  daysKey,
  readingsKey,
  seriesKey,
  SITE_SIZES,
  SITES,
} from "../core/keys.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import { eventsOf } from "./testing/events.ts";
import { createHarness } from "./testing/harness.ts";
import { series, setRolled, storeReadings } from "./testing/site.ts";
import { trimSite } from "./trim_site.ts";

const DELETE = { method: "DELETE" };
const NOW = Date.now() - 3_600_000;

Deno.test("DELETE /sites/{site_id} removes all that belongs to a site, and nothing else", async () => {
  await using h = await createHarness();
  const app = await h.app();
  await storeReadings(h, "gone", series(2500, NOW));
  await setRolled(h, "gone", 2500);
  for (let day = 0; day < 9000; day++) {
    await h.redis.pipeline().hset(seriesKey("gone", day, "a"), "0", "x")
      .zadd(daysKey("gone"), day, `${day}:a`).exec();
  }
  await h.redis.zadd(SITE_SIZES, 2, "gone", 1, "gone:2");
  const before = (await h.redis.keys("*")).filter((key) => !/gone/.test(key));
  await storeReadings(h, "gone:2", series(3, NOW));
  assertEquals((await app.request("/sites/gone", DELETE)).status, 204);
  assertEquals(await h.redis.keys("*gone"), []);
  assertEquals(await h.redis.keys("*gone:[^2]*"), []);
  assertEquals(await h.redis.zrange(SITE_SIZES, 0, -1), ["gone:2"]);
  for (const key of before) assertEquals(await h.redis.exists(key), 1, key);
  const { sites } = await (await app.request("/sites")).json();
  assertEquals(
    sites.map((site: { site_id: string }) => site.site_id),
    ["gone:2"],
  );
  const again = await app.request("/sites/gone", DELETE);
  assertEquals(again.status, 404);
  assertEquals((await app.request("/sites/a%20b", DELETE)).status, 422);
  await storeReadings(h, "gone", series(2, NOW, 7));
  const anew = await (await app.request("/sites/gone/readings")).json();
  assertEquals(anew.count, 2);
});

Deno.test("DELETE /sites/{site_id} removes a site of which little is there, or what should not be", async () => {
  await using h = await createHarness();
  const app = await h.app();
  await h.redis.zadd(SITES, 1, "bare", 1, "wrong");
  await h.redis.mset(daysKey("wrong"), "x", readingsKey("wrong"), "x");
  for (const site of ["bare", "wrong"]) {
    const answer = await app.request(`/sites/${site}`, DELETE);
    assertEquals([site, answer.status], [site, 204]);
  }
  assertEquals(await h.redis.keys("site*"), []);
});

Deno.test("those who follow see a site go, and its readings that come after", async () => {
  await using h = await createHarness();
  const app = await h.app();
  await storeReadings(h, "a", series(5, NOW));
  await storeReadings(h, "b", series(5, NOW));
  const site = eventsOf(await app.request("/sites/a/live"));
  const all = eventsOf(await app.request("/live"));
  const first = await all.next();
  assertEquals(Object.keys(first.data.sites), ["a", "b"]);
  await app.request("/sites/a", DELETE);
  const second = await all.next();
  assertEquals([second.event, Object.keys(second.data.sites)], [
    "snapshot",
    ["b"],
  ]);
  await storeReadings(h, "a", series(7, NOW, 40));
  const events = [await site.next(), await site.next()];
  assertEquals(
    events.map(({ id, data }) => [id, data.power_reading]),
    [["0", 40], ["1", 41]],
  );
  const update = await all.next();
  assertEquals(update.data.sites.a.devices[0].power_reading, 46);
  const { sites } = await (await app.request("/sites")).json();
  assertEquals(sites[0].count, 7);
  await Promise.all([site.close(), all.close()]);
});

Deno.test("events go on at the oldest reading that is left, under its own position", async () => {
  await using h = await createHarness();
  const app = await h.app();
  await storeReadings(h, "a", series(3500, NOW));
  await setRolled(h, "a", 3500);
  await trimSite(h.redis, "a", { most: 1500 });
  const from = async (id: string) => {
    const events = eventsOf(
      await app.request("/sites/a/live", { headers: { "last-event-id": id } }),
    );
    const { id: position, data } = await events.next();
    await events.close();
    return [position, data.power_reading];
  };
  assertEquals(await from("10"), ["2000", 2000]);
  assertEquals(await from("2345"), ["2346", 2346]);
});
