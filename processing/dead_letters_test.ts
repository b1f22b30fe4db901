import { DEAD_STREAM, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import {
  buryEntries,
  type DeadLetter,
  deleteAllDeadLetters,
  listDeadLetters,
  replayAllDeadLetters,
  replayDeadLetter,
} from "./dead_letters.ts";
import type { UnreadableEntry } from "./entry.ts";
import { fillUp } from "./testing/entries.ts";
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

/** Puts dead letters there without entries that they come from. */
async function addLetters(h: Harness, count: number): Promise<void> {
  const pipeline = h.redis.pipeline();
  for (let i = 0; i < count; i++) {
    pipeline.xadd(
      DEAD_STREAM,
      "*",
      ...["number", i, "reason", "it is alien"],
      ...["source_id", "1-0", "deliveries", 1],
    );
  }
  await pipeline.exec();
}

/** The connection; as soon as it has looked for the last dead letter, there is one more. */
function withLateLetter(h: Harness): Redis {
  const redis: Redis = Object.create(h.redis);
  redis.xrevrange = async (...args: unknown[]) => {
    const found = await h.redis.call("xrevrange", ...args as string[]);
    await addLetters(h, 1);
    return found as [string, string[]][];
  };
  return redis;
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

Deno.test("buryEntries() acknowledges nothing while the key of the dead letters holds something else", async () => {
  await using h = await createHarness();
  const entry = await unreadable(h, ["foo", "bar"]);
  await h.redis.set(DEAD_STREAM, "x");
  await assertRejects(() => buryEntries(h.redis, [entry]), /WRONGTYPE/);
  assertEquals(await h.pending(), 1);
  await h.redis.del(DEAD_STREAM);
  assertEquals(await buryEntries(h.redis, [entry]), 1);
});

Deno.test("what cannot be added to a stream is not taken away: buried entries stay pending, replayed letters where they are", async () => {
  await using h = await createHarness({ own: true });
  const entry = await unreadable(h, ["foo", "bar"]);
  const other = await unreadable(h, ["foo", "bar"]);
  const allow = (rule: string) =>
    h.redis.call("ACL", "SETUSER", "default", rule);
  await allow("-xadd");
  await assertRejects(() => buryEntries(h.redis, [entry]), /NOPERM/);
  assertEquals([await h.pending(), await letters(h)], [2, []]);
  await allow("+xadd");
  await buryEntries(h.redis, [entry, other]);
  const [{ id }] = await letters(h);
  const replays = [
    () => replayDeadLetter(h.redis, id),
    () => replayAllDeadLetters(h.redis),
  ];
  await allow("-xadd");
  for (const it of replays) await assertRejects(it, /NOPERM/);
  await allow("+xadd");
  await h.redis.del(STREAM);
  await h.redis.set(STREAM, "x");
  for (const it of replays) await assertRejects(it, /WRONGTYPE/);
  assertEquals((await letters(h)).length, 2);
  await h.redis.del(STREAM);
  assertEquals(await replayAllDeadLetters(h.redis), { replayed: 2, empty: 0 });
});

Deno.test("buryEntries() buries in a Redis that is full, too", async () => {
  await using h = await createHarness({ own: true });
  const entry = await unreadable(h, ["foo", "bar"]);
  await fillUp(h);
  assertEquals(await buryEntries(h.redis, [entry]), 1);
});

Deno.test("replayAllDeadLetters() puts back all that were there when it began, in their order, however many", async () => {
  await using h = await createHarness();
  await addLetters(h, 1100);
  assertEquals(await replayAllDeadLetters(withLateLetter(h)), {
    replayed: 1100,
    empty: 0,
  });
  const entries = await h.redis.xrange(STREAM, "-", "+");
  assertEquals(
    entries.map(([, fields]) => fields),
    Array.from({ length: 1100 }, (_, number) => ["number", `${number}`]),
  );
  assertEquals((await letters(h)).length, 1, "what came meanwhile is left");
});

Deno.test("deleteAllDeadLetters() deletes all that were there when it began", async () => {
  await using h = await createHarness();
  assertEquals(await deleteAllDeadLetters(h.redis), 0);
  await addLetters(h, 250);
  assertEquals(await deleteAllDeadLetters(withLateLetter(h)), 250);
  assertEquals((await letters(h)).length, 1, "what came meanwhile is left");
});

Deno.test("GET /dead-letters follows its Link headers through all", async () => {
  await using h = await createHarness();
  await addLetters(h, 6);
  const app = await h.app();
  const all: string[] = [];
  let path: string | undefined = "/dead-letters?limit=4";
  while (path !== undefined) {
    const response: Response = await app.request(path);
    const { count, dead_letters } = await response.json();
    assertEquals(count, 6);
    all.push(...dead_letters.map((it: DeadLetter) => it.fields.number));
    path = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")
      ?.[1];
  }
  assertEquals(all, ["0", "1", "2", "3", "4", "5"]);
});
