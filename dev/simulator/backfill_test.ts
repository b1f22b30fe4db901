import { assert, assertEquals } from "../testing/assert.ts";
import { startFaultProxy, startService, testRedis, until } from "../testing.ts";
import { isEmpty } from "./backfill.ts";

Deno.test("isEmpty() waits for processing to be ready, and gives it nothing to warn of", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  await proxy.set({ mode: "refuse" });
  await using processing = await startService("processing", {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
  }, { ready: false });
  await until(() => processing.logs().includes("Listening"));
  const { fetch } = globalThis;
  let asked = 0;
  globalThis.fetch = (...request) => {
    asked++;
    return fetch(...request);
  };
  try {
    const empty = isEmpty(processing.url);
    await until(() => asked > 3);
    await proxy.set({ mode: "pass" });
    assertEquals(await empty, true);
  } finally {
    globalThis.fetch = fetch;
  }
  await processing.stop();
  assert(!processing.logs().includes("answered 503"), processing.logs());
});
