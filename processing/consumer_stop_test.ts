import { GROUP, STREAM } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { storeBatch } from "./store.ts";
import { range } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

Deno.test("a consumer that is stopped amid its work stores what it was given, and leaves neither that nor its name", async () => {
  // While further reads are under way, and while nothing is but what is stored.
  for (
    const { count, stopAt } of [{ count: 2000, stopAt: 3 }, {
      count: 30,
      stopAt: 1,
    }]
  ) {
    await using h = await createHarness({}, { BATCH_SIZE: "50" });
    await h.add(range(count));
    let stores = 0, stopped: Promise<void> | undefined;
    const consumer = await h.consume("a", {
      store: async (redis, batch) => {
        if (++stores === stopAt) stopped = consumer.stop();
        // So that stopping is quicker, unless it waits.
        for (let i = 0; i < 20; i++) await h.redis.ping();
        return await storeBatch(redis, batch);
      },
    });
    await until(() => stopped !== undefined, { message: "it is stopping" });
    await stopped;
    assertEquals(await h.pending(), 0);
    assertEquals(await h.redis.xinfo("CONSUMERS", STREAM, GROUP), []);
    const powers = await h.powers();
    assert(powers.length > 0);
    assertEquals(powers, range(powers.length).map(({ power }) => power));
  }
});
