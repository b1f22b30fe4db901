import { Buffer } from "node:buffer";
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import {
  startFaultProxy,
  testRedis,
  type TestRedisOptions,
  until,
} from "../dev/testing.ts";
import { commonSettings, loadConfig } from "./config.ts";
import type { Logger } from "./log.ts";
import { connectRedis, type Redis } from "./redis.ts";
import { keepWire, openWire } from "./wire.ts";

/** A Redis, a client that the test looks with, and clients whose connections are taken over. */
async function start(options: TestRedisOptions = {}) {
  const server = await testRedis(options);
  const clients: Redis[] = [];
  const connect = (url = server.url) => {
    const config = loadConfig(z.object(commonSettings), { REDIS_URL: url });
    const client = connectRedis(config, { name: "test", blocking: true });
    clients.push(client);
    return client;
  };
  const ready = async (url?: string) => {
    const client = connect(url);
    await until(() => client.status === "ready", { message: "connected" });
    return client;
  };
  return {
    server,
    redis: await ready(),
    connect,
    ready,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

Deno.test("openWire() sends what is asked in one turn in one piece, byte by byte, and gives each its answer", async () => {
  await using h = await start({ own: true });
  const wire = await openWire(await h.ready());
  const reads = async () =>
    Number(/total_reads_processed:(\d+)/.exec(await h.redis.info("stats"))![1]);
  const before = await reads();
  const replies = await Promise.all([
    wire.call("eval", [
      "return {#ARGV[1], #ARGV[2], string.byte(ARGV[2]), -2}",
      0,
      "é",
      Buffer.from([0xff]),
    ]),
    wire.call("set", ["a", "é\r\n"]),
    wire.call("get", ["a"]),
    wire.call("get", ["none"]),
  ]);
  assertEquals(replies, [[2, 1, 0xff, -2], "OK", "é\r\n", null]);
  // One for these, one to ask.
  assertEquals(await reads() - before, 2);
});

Deno.test("openWire() rejects with what Redis objects, and goes on", async () => {
  await using h = await start();
  const wire = await openWire(await h.ready());
  assertMatch(await failure(wire.call("nonsense", [])), /^ERR unknown command/);
  assertEquals(await wire.call("echo", ["a"]), "a");
});

Deno.test("openWire() gives a connection that breaks back to its client", async () => {
  await using h = await start();
  const client = await h.ready();
  const wire = await openWire(client);
  const waiting = failure(wire.call("blpop", ["none", 0]));
  await h.redis.client("KILL", "ID", wire.id);
  assertEquals(await waiting, "Connection is closed.");
  assert(!wire.current());
  assertEquals(await failure(wire.call("ping", [])), "Connection is closed.");
  await until(() => client.status === "ready", { message: "it is back" });
  assertEquals(await (await openWire(client)).call("ping", []), "PONG");
});

Deno.test("openWire() leaves a master that has become a replica", async () => {
  await using h = await start({ own: true });
  const wire = await openWire(await h.ready());
  await h.redis.replicaof("127.0.0.1", 1);
  assertMatch(await failure(wire.call("set", ["a", "b"])), /^READONLY/);
  await until(() => !wire.current(), { message: "the connection is left" });
});

Deno.test("openWire() gives up a Redis that owes an answer and is silent, not one that owes none", async () => {
  await using h = await start();
  const { hostname, port } = new URL(h.server.url);
  await using proxy = await startFaultProxy({
    target: { hostname, port: +port },
  });
  const wire = await openWire(
    await h.ready(h.server.url.replace(`:${port}`, `:${proxy.port}`)),
    200,
  );
  // Longer than that.
  await h.redis.blpop("none", 0.5);
  assertEquals(await wire.call("ping", []), "PONG");
  await proxy.set({ mode: "hang" });
  // To send is no sign of life.
  const again = setInterval(() => wire.call("ping", []).catch(() => {}), 20);
  try {
    const waiting = failure(wire.call("ping", []));
    await until(() => !wire.current(), { message: "it is given up" });
    assertEquals(await waiting, "Connection is closed.");
  } finally {
    clearInterval(again);
  }
});

Deno.test("keepWire() takes each connection over, and fails at once while there is none", async () => {
  await using h = await start();
  const client = h.connect();
  const wire = keepWire(client, 1000);
  let opened = 0;
  wire.onOpen(() => opened++);
  assertMatch(await failure(wire.call("ping", [])), /isn't writeable/);
  await until(() => opened === 1, { message: "it is open" });
  assert(wire.open());
  const waiting = failure(wire.call("blpop", ["none", 0]));
  client.stream.destroy();
  assertEquals(await waiting, "Connection is closed.");
  assert(!wire.open());
  assertMatch(await failure(wire.call("ping", [])), /isn't writeable/);
  await until(() => opened === 2, { message: "it is open again" });
  assertEquals(await wire.call("ping", []), "PONG");
});

Deno.test("keepWire() waits for an answer no longer than it may, and gives the next answer to the next call", async () => {
  await using h = await start();
  const wire = keepWire(h.connect(), 100);
  await until(() => wire.open(), { message: "it is open" });
  const late = failure(wire.call("blpop", ["none", 0.3]));
  assertEquals(await late, "Command timed out");
  await until(
    async () => await wire.call("echo", ["a"]).catch(() => "") === "a",
    { message: "the next answer" },
  );
});

Deno.test("keepWire() says what Redis does not allow, once, and goes on when it does", async () => {
  await using h = await start({ own: true });
  await h.redis.call("ACL", "SETUSER", "default", "-client|id");
  const told: string[] = [];
  const log = {
    warning: (_: string, { why }: { why: string }) => told.push(why),
  } as unknown as Logger;
  const client = h.connect();
  let connections = 0;
  client.on("ready", () => connections++);
  const wire = keepWire(client, 1000, log);
  await until(() => connections > 2, { message: "it was tried again" });
  assertEquals(told, ["its user may not do this"]);
  await h.redis.call("ACL", "SETUSER", "default", "+client|id");
  await until(() => wire.open(), { message: "it is open" });
  assertEquals(await wire.call("ping", []), "PONG");
});
