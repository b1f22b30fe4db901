import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { askRedis } from "./redis/probe.ts";
import { startService, testRedis, until } from "./testing.ts";
import { claimDatabase } from "./testing/database.ts";

const at = (redis: { port: number }) => ({
  hostname: "127.0.0.1",
  port: redis.port,
});

Deno.test("testRedis() gives each test an empty Redis of its own", async () => {
  await using one = await testRedis({ own: true });
  await using two = await testRedis({ own: true });
  assert.notEqual(one.port, two.port);
  await askRedis(at(one), ["SET", "a", "1"]);
  assert.equal(await askRedis(at(one), ["DBSIZE"]), "1");
  assert.equal(await askRedis(at(two), ["DBSIZE"]), "0");
});

Deno.test("testRedis() is gone at the end of the test, also when it is stopped by SIGSTOP", async () => {
  let port: number;
  {
    await using redis = await testRedis({ own: true });
    port = redis.port;
    await redis.kill("SIGSTOP");
  }
  await assert.rejects(
    askRedis(at({ port }), ["PING"]),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("testRedis({ persist: true }) keeps its data when it is killed and restarted", async () => {
  await using redis = await testRedis({ persist: true });
  const { port } = redis;
  await askRedis(at(redis), ["SET", "a", "1"]);
  await redis.kill();
  await assert.rejects(
    askRedis(at(redis), ["PING"]),
    Deno.errors.ConnectionRefused,
  );
  await redis.restart();
  assert.equal(redis.port, port);
  assert.equal(await askRedis(at(redis), ["GET", "a"]), "1");
});

Deno.test("claimDatabase() gives each test a database, leaves what is in use, and empties what it gave", async () => {
  await using server = await testRedis({ own: true });
  const client = new Redis(`${server.url}/2`);
  await client.set("somebody's", "data");
  {
    await using one = await claimDatabase(server.url);
    await using two = await claimDatabase(server.url);
    assert.deepEqual([one.db, two.db], [1, 3]);
    await assert.rejects(one.kill(), /not this test's own process/);
    await client.select(1);
    await client.set("a", "1");
  }
  assert.equal(await client.dbsize(), 0);
  await client.select(2);
  assert.deepEqual(await client.keys("*"), ["somebody's"]);
  await client.quit();
});

Deno.test("startService() runs a service as its task does, until it is stopped", async () => {
  await using redis = await testRedis();
  await using ingestion = await startService("ingestion", {
    REDIS_URL: redis.url,
  });
  const response = await fetch(`${ingestion.url}/health`);
  assert.equal((await response.json()).status, "healthy");
  assert.equal((await ingestion.stop()).code, 0);
  await assert.rejects(fetch(ingestion.url));
});

Deno.test("startService() shows the log of a service that does not start", async () => {
  await assert.rejects(
    startService("ingestion", { MAX_BATCH: "many" }),
    /ingestion did not start: it ended with code 2[^]*MAX_BATCH/,
  );
});

Deno.test("startService() leaves no service behind", async () => {
  let service;
  {
    await using redis = await testRedis();
    await using processing = await startService("processing", {
      REDIS_URL: redis.url,
    });
    service = processing;
  }
  await until(() =>
    fetch(service.url).then((r) => r.body?.cancel(), () => true)
  );
});
