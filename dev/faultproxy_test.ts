import assert from "node:assert/strict";
import { startFaultProxy } from "./faultproxy.ts";
import { askRedis } from "./redis/probe.ts";
import { testRedis } from "./testing.ts";
import { until } from "./until.ts";

const to = (proxy: { port: number }) => ({
  hostname: "127.0.0.1",
  port: proxy.port,
});

Deno.test("startFaultProxy() passes everything on until it is told otherwise", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  const long = "x".repeat(3_000_000);
  assert.equal(
    await askRedis(to(proxy), ["ECHO", long], 20_000) === long,
    true,
  );
  await until(() => proxy.connections === 0, {
    message: "the connection is gone",
  });
});

Deno.test("startFaultProxy() is late by latencyMs each way", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  await proxy.set({ latencyMs: 50 });
  const start = performance.now();
  assert.equal(await askRedis(to(proxy), ["PING"], 5000), "PONG");
  assert.ok(performance.now() - start >= 95);
});

Deno.test("startFaultProxy() delivers what it held back when it no longer hangs", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  await proxy.set({ mode: "hang" });
  await assert.rejects(
    askRedis(to(proxy), ["SET", "a", "1"], 50),
    /did not answer SET within 50 ms/,
  );
  const late = askRedis(to(proxy), ["SET", "b", "2"], 5000);
  await until(() => proxy.connections >= 1);
  assert.equal(await askRedis({ ...to(redis) }, ["EXISTS", "b"]), "0");
  await proxy.set({ mode: "pass" });
  assert.equal(await late, "OK");
});

Deno.test("startFaultProxy() resets what is open and what is new", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  const open = await Deno.connect(to(proxy));
  await until(() => proxy.connections === 1);
  await proxy.set({ mode: "reset" });
  await assert.rejects(
    () => open.read(new Uint8Array(1)),
    Deno.errors.ConnectionReset,
  );
  open.close();
  await assert.rejects(askRedis(to(proxy), ["PING"]));
  await proxy.set({ mode: "pass" });
  assert.equal(await askRedis(to(proxy), ["PING"]), "PONG");
});

Deno.test("startFaultProxy() cuts what is open, and takes new connections", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  const open = await Deno.connect(to(proxy));
  await until(() => proxy.connections === 1);
  proxy.cut();
  await assert.rejects(
    () => open.read(new Uint8Array(1)),
    Deno.errors.ConnectionReset,
  );
  open.close();
  assert.equal(await askRedis(to(proxy), ["PING"]), "PONG");
});

Deno.test("startFaultProxy() refuses connections and takes them again", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  await proxy.set({ mode: "refuse" });
  await assert.rejects(
    askRedis(to(proxy), ["PING"]),
    Deno.errors.ConnectionRefused,
  );
  await proxy.set({ mode: "pass" });
  assert.equal(await askRedis(to(proxy), ["PING"]), "PONG");
});
