import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createGathered } from "./gather.ts";

Deno.test("createGathered() has each device's last reading of each time, in the order of time, however many came", () => {
  const sample = fc.record({
    device: fc.constantFrom("a", "b"),
    // Few times, so that many come again, or many.
    time: fc.oneof(fc.nat(90), fc.nat(100_000)),
    power: fc.integer({ min: -1000, max: 1000 }),
  });
  const some = fc.array(sample, { maxLength: 600, size: "max" });
  const inRow = some.map((samples) =>
    samples.toSorted((one, other) => one.time - other.time)
  );
  fc.assert(fc.property(fc.oneof(some, inRow), (samples) => {
    const gathered = createGathered();
    const last = new Map<string, Map<number, number>>();
    for (const { device, time, power } of samples) {
      gathered.add(device, time, power);
      if (!last.has(device)) last.set(device, new Map());
      last.get(device)!.set(time, power);
    }
    assertEquals(gathered.devices(), [...last.keys()].sort());
    for (const [device, powers] of last) {
      const ordered = gathered.inOrder(device);
      assertEquals(
        [...ordered.times].map((time, i) => [time, ordered.powers[i]]),
        [...powers].sort(([one], [other]) => one - other),
      );
    }
  }));
});

Deno.test("createGathered() takes memory for as many times as there are, not for each time that they come again", () => {
  const rounds = 4000, times = 500;
  const before = Deno.memoryUsage().external;
  const gathered = createGathered();
  for (let round = 0; round < rounds; round++) {
    for (let time = 0; time < times; time++) gathered.add("a", time, round);
  }
  // Some of it is what the collector has not met yet.
  const taken = Deno.memoryUsage().external - before;
  const all = rounds * times * 16;
  assert(taken < all / 3, `${taken} bytes, all readings are ${all}`);
  assertEquals([...gathered.inOrder("a").powers], Array(times).fill(3999));
});
