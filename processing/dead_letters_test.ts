import { DEAD_STREAM, STREAM } from "../core/keys.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import {
  buryEntries,
  listDeadLetters,
  replayAllDeadLetters,
  replayDeadLetter,
} from "./dead_letters.ts";
import type { UnreadableEntry } from "./entry.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { takeOver } from "./takeover.ts";

/** Entries that a consumer holds and cannot read. */
async function unreadable(
  h: Harness,
  fields: string[],
): Promise<UnreadableEntry & { deliveries: number }> {
  const id = (await h.redis.xadd(STREAM, "*", ...fields))!;
  await h.deliver("a", 10);
  return { id, fields, reason: "it is alien", deliveries: 1 };
}

const letters = async (h: Harness) => (await listDeadLetters(h.redis, 10)).page;

Deno.test("buryEntries() makes an entry that two consumers give up one dead letter", async () => {
  await using h = await createHarness();
  const entry = await unreadable(h, ["foo", "bar"]);
  const buried = [
    await buryEntries(h.redis, [entry]),
    await buryEntries(h.redis, [entry]),
  ];
  assertEquals(buried, [1, 0]);
  assertEquals((await letters(h)).length, 1);
  assertEquals(await h.redis.hget("pipeline_stats", "dead"), "1");
});

Deno.test("buryEntries() keeps an entry of more fields than Lua can hand on", async () => {
  await using h = await createHarness();
  const many = Array.from({ length: 9000 }, (_, index) => `${index}`);
  assertEquals(await buryEntries(h.redis, [await unreadable(h, many)]), 1);
  const [{ fields }] = await letters(h);
  assertEquals(JSON.parse(fields.fields), many);
});

Deno.test("replayDeadLetter() puts an entry back as it was, on a stream that is made anew if it is gone", async () => {
  await using h = await createHarness();
  await buryEntries(h.redis, [await unreadable(h, ["foo", "bar"])]);
  await h.redis.del(STREAM);
  const [{ id }] = await letters(h);
  const back = await replayDeadLetter(h.redis, id);
  assertEquals(await h.redis.xrange(STREAM, "-", "+"), [[back, [
    "foo",
    "bar",
  ]]]);
  assertEquals(await letters(h), []);
  assertEquals(await replayDeadLetter(h.redis, id), "absent");
  // The group is there to read it.
  assertEquals((await h.deliver("a", 10)) === null, false);
});

Deno.test("replay leaves a dead letter of which nothing is left where it is, and says so", async () => {
  await using h = await createHarness();
  const [trimmed] = await h.add([{ power: 1 }]);
  const alien = await unreadable(h, ["foo", "bar"]);
  await h.redis.xdel(STREAM, trimmed);
  // Here the first becomes a dead letter.
  await takeOver(h.redis, "b", 0, 10);
  await buryEntries(h.redis, [alien]);
  const [{ id, reason }] = await letters(h);
  assertEquals(reason, "trimmed");
  assertEquals(await replayDeadLetter(h.redis, id), "empty");
  assertEquals(await replayAllDeadLetters(h.redis), { replayed: 1, empty: 1 });
  assertEquals(await h.redis.xlen(DEAD_STREAM), 1);
});
