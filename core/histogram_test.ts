import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { assertEquals } from "../dev/testing/assert.ts";
import { createHistogram } from "./histogram.ts";

Deno.test("createHistogram() shows what prom-client's histogram would", async () => {
  const options = { name: "a_seconds", help: "Help.", buckets: [0.5, 1, 10] };
  const observations = fc.array(fc.record({
    route: fc.constantFrom("/a", '/b"\\'),
    // Doubles that are summed in another order differ in their last digit.
    value: fc.integer({ min: -5, max: 100 }).map((number) => number / 4),
    times: fc.integer({ min: 1, max: 3 }),
  }));
  await fc.assert(fc.asyncProperty(observations, async (all) => {
    const ours = new Registry(), theirs = new Registry();
    const child = createHistogram(ours, options);
    const reference = new Histogram({
      ...options,
      labelNames: ["route"],
      registers: [theirs],
    });
    for (const { route, value, times } of all) {
      child({ route })(value, times);
      for (let i = 0; i < times; i++) reference.observe({ route }, value);
    }
    const lines = async (registry: Registry) =>
      // The order of labels means nothing.
      (await registry.metrics()).trim().replace(
        /\{(.*)\}/g,
        (_, labels: string) => labels.split(/,(?=\w+=)/).sort().join(),
      );
    assertEquals(await lines(ours), await lines(theirs));
  }));
});

Deno.test("createHistogram() without labels", async () => {
  const registry = new Registry();
  const observe = createHistogram(registry, {
    name: "b",
    help: "Help.",
    buckets: [1],
  })();
  observe(1);
  observe(2, 3);
  assertEquals(
    (await registry.metrics()).trim().split("\n").slice(2),
    ['b_bucket{le="1"} 1', 'b_bucket{le="+Inf"} 4', "b_sum 7", "b_count 4"],
  );
});
