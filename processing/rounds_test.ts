import { roundKey, SITES } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { goRound } from "./rounds.ts";
import { createHarness } from "./testing/harness.ts";

const ROUNDS = { name: "test", everyMs: 60_000 };

Deno.test("goRound() keeps others out however long it takes, and ends amid its sites when it is to", async () => {
  await using h = await createHarness();
  const sites = Array.from({ length: 300 }, (_, i) => [i, `site-${i}`]);
  await h.redis.zadd(SITES, ...sites.flat());
  const stopping = new AbortController();
  let visits = 0, others = 0, done = 0;
  const visit = async () => {
    const number = ++visits;
    // As if so much time had gone by that its mark is no more.
    if (number === 1) await h.redis.del(roundKey(ROUNDS.name));
    if (number !== 30) return;
    const other = await goRound(h.redis, {
      ...ROUNDS,
      visit: () => Promise.resolve(others++),
    });
    assertEquals(other, false);
    stopping.abort();
  };
  await goRound(
    h.redis,
    { ...ROUNDS, visit, done: () => Promise.resolve(done++) },
    stopping.signal,
  );
  assert(visits >= 30 && visits < 100, `${visits} visits`);
  assertEquals([others, done], [0, 0]);
});
