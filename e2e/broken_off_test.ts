import { Redis } from "ioredis";
import { readingsKey, SITES } from "../core/keys.ts";
import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { startService, testRedis } from "../dev/testing.ts";

Deno.test("an answer that Redis cannot finish is broken off, and the log says so in one line like any other", async () => {
  await using server = await testRedis({ own: true });
  await using processing = await startService("processing", {
    REDIS_URL: server.url,
  });
  const redis = new Redis(server.url);
  const json = JSON.stringify({
    ...{ site_id: "s", device_id: "d", power_reading: 1 },
    ...{ timestamp: "2024-01-15T10:30:00Z", id: "1700000000000-0" },
  });
  await redis.zadd(SITES, 1, "s");
  // More than all buffers on the way hold.
  for (let i = 0; i < 300; i++) {
    await redis.rpush(readingsKey("s"), ...new Array(1000).fill(json));
  }
  redis.disconnect();
  const response = await fetch(`${processing.url}/sites/s/readings`);
  const reader = response.body!.getReader();
  await reader.read();
  await server.kill();
  await assertRejects(async () => {
    while (!(await reader.read()).done);
  }, /body/);
  const lines = processing.logs().trimEnd().split("\n");
  const said = lines.map((line) => JSON.parse(line).message as string);
  assert(said.some((it) => it.startsWith("An answer was broken off: ")));
  const { status } = await fetch(`${processing.url}/livez`);
  assertEquals(status, 200);
});
