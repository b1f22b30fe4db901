import { DEAD_STREAM } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { createBlocked } from "./blocked.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

/** The account, and what it has said. */
function create(h: Harness) {
  const said: unknown[] = [];
  const keep = (_: string, { site, key }: Record<string, unknown>) =>
    said.push(site ?? key);
  const log = { error: keep, info: keep } as unknown as Logger;
  return { blocked: createBlocked(h.redis, log), said };
}

Deno.test("mended() is true once all keys of one of the sites are as they should be, or there can be dead letters", async () => {
  await using h = await createHarness();
  const { blocked } = create(h);
  assertEquals([blocked.any, await blocked.mended()], [false, false]);
  for (const site of ["a", "b"]) {
    await h.redis.mset(
      `site_readings:${site}`,
      "x",
      `site_devices:${site}`,
      "x",
    );
    blocked.addSite(site);
  }
  assertEquals([blocked.any, await blocked.mended()], [true, false]);
  await h.redis.del("site_readings:b");
  assertEquals(await blocked.mended(), false);
  await h.redis.del("site_devices:b");
  assertEquals(await blocked.mended(), true);
  await h.redis.set("site_blocks:b", "x");
  await h.redis.set(DEAD_STREAM, "x");
  blocked.addLetters();
  assertEquals(await blocked.mended(), false);
  await h.redis.del(DEAD_STREAM);
  assertEquals(await blocked.mended(), true);
});

Deno.test("retry() forgets what waits but for what does so still, and all of it is known when it fails", async () => {
  await using h = await createHarness();
  const { blocked, said } = create(h);
  for (const site of ["a", "b"]) blocked.addSite(site);
  await blocked.retry(() => {
    assertEquals([...blocked.sites], []);
    assertEquals(["a", "b", "c"].map(blocked.isRetried), [true, true, false]);
    blocked.addSite("b");
    return Promise.resolve();
  });
  assertEquals([[...blocked.sites], blocked.isRetried("b")], [["b"], false]);
  assertEquals(said, ["a", "b", "a"], "the last is that a is stored");
  blocked.addLetters();
  const failing = () => Promise.reject(new Error("gone"));
  await assertRejects(() => blocked.retry(failing), /gone/);
  assertEquals([[...blocked.sites], blocked.letters], [["b"], true]);
});
