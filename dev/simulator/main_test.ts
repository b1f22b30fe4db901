import { assert, assertEquals } from "../testing/assert.ts";
import { startFaultProxy, startService, testRedis, until } from "../testing.ts";

for (const late of ["ingestion", "processing"]) {
  Deno.test(`the simulator waits for ${late} to be ready, says so, and gives nobody anything to warn of`, async () => {
    await using redis = await testRedis({ own: true });
    await using proxy = await startFaultProxy({ target: redis });
    await proxy.set({ mode: "refuse" });
    const start = (name: string) =>
      startService(name, {
        REDIS_URL: name === late
          ? `redis://127.0.0.1:${proxy.port}`
          : redis.url,
      }, { ready: name !== late });
    await using ingestion = await start("ingestion");
    await using processing = await start("processing");
    const absent = late === "ingestion" ? ingestion : processing;
    await until(() => absent.logs().includes("Listening"));
    await using simulator = await startService("simulator", {
      INGESTION_URL: ingestion.url,
      PROCESSING_URL: processing.url,
    }, { ready: false });
    await until(() => simulator.logs() !== "");
    assertEquals(simulator.logs(), `waits for ${absent.url} to be ready\n`);
    await proxy.set({ mode: "pass" });
    await until(() => simulator.logs().includes("Sends the readings of"));
    assert(simulator.logs().includes(`${absent.url} is ready`));
    assert(/Sent \d+ readings of the last 24/.test(simulator.logs()));
    for (const { logs } of [ingestion, processing]) {
      assert(!logs().includes("answered 503"), logs());
    }
  });
}
