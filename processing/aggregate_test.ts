import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createAccumulator } from "./aggregate.ts";
import { createGathered } from "./gather.ts";
import { close, referencePoints } from "./testing/reference.ts";

const MINUTE = 60_000, GAP = 15 * MINUTE;

Deno.test("createAccumulator() lets a reading hold until the next, no longer than the gap, never past now", () => {
  const hour = createAccumulator([0, 60 * MINUTE, 120 * MINUTE], GAP);
  hour.add(0, 600, Infinity);
  hour.add(10 * MINUTE, -1200, Infinity);
  hour.add(70 * MINUTE, 240, Infinity);
  const [first, second] = hour.points(75 * MINUTE);
  assertEquals(first, {
    start: 0,
    mean: (600 * 10 - 1200 * 15) / 25,
    min: -1200,
    max: 600,
    import_kwh: 0.1,
    export_kwh: 0.3,
    count: 2,
    coverage: 25 / 60,
  });
  assertEquals([second.import_kwh, second.coverage], [0.02, 5 / 60]);
  assertEquals(hour.points(80 * MINUTE)[1].import_kwh, 0.04, "time goes on");
});

Deno.test("createAccumulator() takes the later of two at the same time, and counts one", () => {
  const steps = createAccumulator([0, GAP], GAP);
  steps.add(0, 5, Infinity);
  steps.add(0, 7, Infinity);
  const [{ mean, min, count }] = steps.points(Infinity);
  assertEquals([mean, min, count], [7, 7, 1]);
});

Deno.test("createAccumulator() knows a reading that lies ahead, but no power of it", () => {
  const steps = createAccumulator([0, GAP], GAP);
  steps.add(5 * MINUTE, 5, MINUTE);
  assertEquals(steps.points(MINUTE), [{
    start: 0,
    mean: null,
    min: null,
    max: null,
    import_kwh: 0,
    export_kwh: 0,
    count: 1,
    coverage: 0,
  }]);
});

Deno.test("a gathered device's points are those of a plain calculation, in whatever order its readings came", () => {
  const sample = fc.record({
    device: fc.constant("a"),
    time: fc.integer({ min: -30, max: 130 }).map((m) => m * MINUTE / 2),
    // Eighths are summed up exactly, so that import less export loses nothing where they are nearly the same.
    power: fc.integer({ min: -80_000, max: 80_000 }).map((n) => n / 8),
  });
  fc.assert(fc.property(
    fc.array(sample, { maxLength: 60 }),
    fc.uniqueArray(fc.integer({ min: -20, max: 90 }), {
      minLength: 2,
      maxLength: 20,
    }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: -20, max: 150 }),
    (samples, minutes, gap, now) => {
      const bounds = minutes.sort((a, b) => a - b).map((m) => m * MINUTE);
      const gathered = createGathered();
      for (const { device, time, power } of samples) {
        gathered.add(device, time, power);
      }
      const clock = now * MINUTE;
      const accumulator = createAccumulator(bounds, gap * MINUTE);
      const { times, powers } = gathered.inOrder("a");
      times.forEach((time, i) => accumulator.add(time, powers[i], clock));
      const points = accumulator.points(clock)
        .map((p) => ({ ...p, start: new Date(p.start).toISOString() }));
      const expected = referencePoints(samples, bounds, gap * MINUTE, clock);
      assert(close(points, expected), JSON.stringify({ points, expected }));
    },
  ));
});
