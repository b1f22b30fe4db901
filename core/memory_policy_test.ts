import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startService, testRedis, until } from "../dev/testing.ts";

const SERVICES = ["ingestion", "processing"];

Deno.test("a maxmemory-policy other than noeviction is warned of at the start and in /health, where CONFIG is forbidden, too", async () => {
  await using redis = await testRedis({
    extraArgs: [
      "--maxmemory-policy",
      "allkeys-lru",
      "--rename-command",
      "CONFIG",
      "",
    ],
  });
  for (const name of SERVICES) {
    await using service = await startService(name, { REDIS_URL: redis.url });
    await until(() => service.logs().includes("maxmemory-policy"), {
      message: "the warning is in the log",
    });
    const line = service.logs().split("\n").find((line) =>
      line.includes("maxmemory-policy")
    )!;
    assertMatch(line, /warn/i);
    const health = await (await fetch(`${service.url}/health`)).json();
    assertEquals(health.status, "healthy");
    assertEquals(health.maxmemory_policy, "allkeys-lru");
    assertMatch(health.warnings[0], /allkeys-lru.*noeviction/);
  }
});

Deno.test("noeviction is nothing to warn of", async () => {
  await using redis = await testRedis({ own: true });
  for (const name of SERVICES) {
    await using service = await startService(name, { REDIS_URL: redis.url });
    const health = await (await fetch(`${service.url}/health`)).json();
    assertEquals([health.maxmemory_policy, health.warnings], [
      "noeviction",
      undefined,
    ]);
    assert(!service.logs().includes("maxmemory-policy"));
  }
});
