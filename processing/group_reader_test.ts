import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { openGroupReader } from "./group_reader.ts";
import { createHarness } from "./testing/harness.ts";

const open = (client: Redis) =>
  openGroupReader(client, { consumer: "a", count: 10, blockMs: 100 });

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

Deno.test("openGroupReader() reads new entries and those held, in the order of the calls", async () => {
  await using h = await createHarness();
  const reader = await open(await h.connect(true));
  assertEquals(await reader.read(">"), [], "the wait was in vain");
  const ids = await h.add([{ power: 1 }, { power: 2 }]);
  const [fresh, held] = await Promise.all([
    reader.read(">"),
    reader.read("0"),
  ]);
  assertEquals(fresh.map(([id]) => id), ids);
  assertEquals(held, fresh);
  assertEquals(fresh[0][1]?.slice(0, 2), ["site_id", "site-001"]);
});

Deno.test("openGroupReader() rejects with what Redis answers, and goes on", async () => {
  await using h = await createHarness();
  const reader = await open(await h.connect(true));
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  assertMatch(await failure(reader.read(">")), /^NOGROUP/);
  await h.redis.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  assertEquals(await reader.read(">"), []);
});

Deno.test("openGroupReader() gives a connection that breaks back to its client", async () => {
  await using h = await createHarness();
  const client = await h.connect(true);
  const reader = await open(client);
  const reading = failure(reader.read(">"));
  await h.redis.client("KILL", "ID", reader.id);
  assertEquals(await reading, "Connection is closed.");
  assert(!reader.current());
  assertEquals(await failure(reader.read(">")), "Connection is closed.");
  await until(() => client.status === "ready", { message: "it is back" });
  assertEquals(await (await open(client)).read(">"), []);
});

Deno.test("openGroupReader() leaves a master that has become a replica", async () => {
  await using h = await createHarness({ own: true });
  const reader = await open(await h.connect(true));
  await h.redis.replicaof("127.0.0.1", 1);
  assertMatch(await failure(reader.read(">")), /^READONLY/);
  await until(() => !reader.current(), { message: "the connection is left" });
});
