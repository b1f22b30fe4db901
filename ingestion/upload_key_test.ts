import { connectRedis } from "../core/redis.ts";
import { loadConfig } from "../core/config.ts";
import { testRedis, until } from "../dev/testing.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import { ingestionSettings } from "./config.ts";
import { createPublisher } from "./publish.ts";
import { takeUploadKey } from "./upload_key.ts";

Deno.test("an upload's key holds none of the lines that it passes over", async () => {
  await using server = await testRedis();
  const config = loadConfig(ingestionSettings, { REDIS_URL: server.url });
  const redis = connectRedis(config, { name: "test" });
  try {
    await until(() => redis.status === "ready");
    const key = await takeUploadKey({
      redis,
      publisher: createPublisher(redis),
      key: "idempotency:test",
      ttlMs: 60_000,
      treatment: "test",
    });
    // More characters than a string may have, of which nothing is published.
    const line = "x".repeat(65_536);
    for (let number = 1; number <= 8300; number++) key.line(line, number);
    await key.release();
    assertEquals(await redis.exists("idempotency:test:lock"), 0);
  } finally {
    redis.disconnect();
  }
});
