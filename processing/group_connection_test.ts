import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { openGroupConnection } from "./group_connection.ts";
import { createHarness } from "./testing/harness.ts";

const open = (client: Redis) =>
  openGroupConnection(client, { consumer: "a", count: 10 });

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

Deno.test("openGroupConnection() reads new entries and those held, in the order of the calls", async () => {
  await using h = await createHarness();
  const connection = await open(await h.connect(true));
  assertEquals(await connection.read(">", 100), [], "the wait was in vain");
  const ids = await h.add([{ power: 1 }, { power: 2 }]);
  const [fresh, held] = await Promise.all([
    connection.read(">", 100),
    connection.read("0"),
  ]);
  assertEquals(fresh.map(([id]) => id), ids);
  assertEquals(held, fresh);
  assertEquals(fresh[0][1]?.slice(0, 2), ["site_id", "site-001"]);
});

Deno.test("openGroupConnection() sends what is stored and what is read next in one piece", async () => {
  await using h = await createHarness({ own: true });
  const connection = await open(await h.connect(true));
  const ids = await h.add([{ power: 1 }]);
  const reads = async () =>
    Number(/total_reads_processed:(\d+)/.exec(await h.redis.info("stats"))![1]);
  const before = await reads();
  const [numbers, entries] = await Promise.all([
    connection.call("eval", ["return {1, 2}", 0]),
    connection.read(">"),
  ]);
  assertEquals(numbers, [1, 2]);
  assertEquals(entries.map(([id]) => id), ids);
  // One for these two, one to ask.
  assertEquals(await reads() - before, 2);
});

Deno.test("openGroupConnection() rejects with what Redis answers, and goes on", async () => {
  await using h = await createHarness();
  const connection = await open(await h.connect(true));
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  assertMatch(await failure(connection.read(">", 100)), /^NOGROUP/);
  await h.redis.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  assertEquals(await connection.read(">", 100), []);
});

Deno.test("openGroupConnection() gives a connection that breaks back to its client", async () => {
  await using h = await createHarness();
  const client = await h.connect(true);
  const connection = await open(client);
  const reading = failure(connection.read(">", 100));
  await h.redis.client("KILL", "ID", connection.id);
  assertEquals(await reading, "Connection is closed.");
  assert(!connection.current());
  assertEquals(
    await failure(connection.read(">", 100)),
    "Connection is closed.",
  );
  await until(() => client.status === "ready", { message: "it is back" });
  assertEquals(await (await open(client)).read(">", 100), []);
});
