import { STREAM } from "../core/keys.ts";
import { createMetrics } from "../core/metrics.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createProcessingMetrics } from "./metrics.ts";
import { range } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

/** What `/metrics` says, by name. */
async function valuesOf({ registry }: ReturnType<typeof createMetrics>) {
  const lines = (await registry.metrics()).matchAll(/^(\w+) (\S+)$/gm);
  return Object.fromEntries(
    [...lines].map(([, name, value]) => [name, +value]),
  );
}

Deno.test("observeStored() tells what was stored from what had been, and the time each took in seconds", async () => {
  const metrics = createMetrics();
  const { observeStored } = createProcessingMetrics(metrics);
  // The last was accepted by a clock that is ahead.
  observeStored([1000, 2500, 3500], 2, 3000);
  const values = await valuesOf(metrics);
  assertEquals(values.energy_readings_stored_total, 2);
  assertEquals(values.energy_readings_duplicate_total, 1);
  assertEquals(values.energy_reading_latency_seconds_sum, 2.5);
  assertEquals(values.energy_reading_latency_seconds_count, 3);
  assertEquals(values.energy_store_batch_readings_sum, 3);
});

Deno.test("a consumer counts what it stores, gets again, makes dead letters of and trims", async () => {
  await using h = await createHarness({}, { STREAM_RETENTION: "0s" });
  await h.add(range(600));
  await h.redis.xadd(STREAM, "*", "foo", "bar");
  // Its own from before, another's that is gone, and new ones.
  await h.deliver("a", 200);
  await h.deliver("dead", 300);
  const metrics = createMetrics();
  await h.consume("a", { metrics: createProcessingMetrics(metrics) });
  const values = await until(async () => {
    const values = await valuesOf(metrics);
    return values.energy_readings_stored_total >= 600 &&
      values.energy_readings_dead_lettered_total >= 1 &&
      values.energy_stream_trimmed_total > 0 && values;
  }, { message: "all is stored, buried and trimmed" });
  assertEquals(
    {
      stored: values.energy_readings_stored_total,
      again: values.energy_readings_redelivered_total,
      dead: values.energy_readings_dead_lettered_total,
      duplicate: values.energy_readings_duplicate_total,
      measured: values.energy_reading_latency_seconds_count,
    },
    { stored: 600, again: 500, dead: 1, duplicate: 0, measured: 600 },
  );
});
