import { z } from "zod";
import { assertEquals } from "../dev/testing/assert.ts";
import { startFaultProxy, testRedis, until } from "../dev/testing.ts";
import { commonSettings, loadConfig } from "./config.ts";
import { createLifecycle, startWhenConnected } from "./lifecycle.ts";
import { connectRedis } from "./redis.ts";

Deno.test("a service is not ready before its work has begun and every connection is there, and then stays so", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  const connect = (url: string) =>
    connectRedis(loadConfig(z.object(commonSettings), { REDIS_URL: url }), {
      name: "test",
    });
  await proxy.set({ mode: "refuse" });
  const early = connect(redis.url);
  const late = connect(`redis://127.0.0.1:${proxy.port}`);
  try {
    const lifecycle = createLifecycle();
    const begin = startWhenConnected(lifecycle, [early, late]);
    await until(() => early.status === "ready");
    begin();
    assertEquals(lifecycle.started, false);
    await proxy.set({ mode: "pass" });
    await until(() => lifecycle.started);
    assertEquals(late.status, "ready");

    const slow = createLifecycle();
    const beginLater = startWhenConnected(slow, [early, late]);
    assertEquals(slow.started, false);
    beginLater();
    assertEquals(slow.started, true);
    proxy.cut();
    await until(() => late.status !== "ready");
    beginLater();
    assertEquals(slow.started, true);
  } finally {
    early.disconnect();
    late.disconnect();
  }
});
