import fc from "fast-check";
import { createReadingSchema } from "../../core/reading.ts";
import { assert, assertEquals } from "../testing/assert.ts";
import { METERS, readMeter } from "./meters.ts";

const anyMeter = fc.constantFrom(...METERS);
const anyTime = fc.integer({
  min: Date.UTC(2020, 0),
  max: Date.UTC(2040, 0),
});

Deno.test("Meter.watts() stays within the meter's limits, with one decimal, and repeats itself", () => {
  fc.assert(fc.property(anyMeter, anyTime, (meter, at) => {
    const watts = meter.watts(at);
    assert(watts >= meter.min && watts <= meter.max, `${watts}`);
    assertEquals(watts, Number(watts.toFixed(1)));
    assertEquals(meter.watts(at), watts);
  }));
});

Deno.test("Meter.watts() of a roof is 0 at night and not at noon", () => {
  const roofs = METERS.filter((meter) => meter.device_id === "solar");
  assert(roofs.length > 0);
  const anyNight = fc.tuple(
    fc.integer({ min: 18_262, max: 25_000 }),
    fc.integer({ min: -6 * 3_600_000, max: 6 * 3_600_000 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...roofs), anyNight, (roof, [day, offset]) => {
      assertEquals(roof.watts(day * 86_400_000 + offset), 0);
      assert(roof.watts((day + 0.5) * 86_400_000) < 0.2 * roof.min);
    }),
  );
});

Deno.test("readMeter() gives a reading that ingestion takes", () => {
  const now = Date.now();
  const schema = createReadingSchema(() => now);
  for (const meter of METERS) {
    assert(schema.safeParse(readMeter(meter, now)).success);
  }
});

Deno.test("METERS: a house with a roof exports at noon and draws in the evening", () => {
  const meters = METERS.filter(({ site_id }) => site_id === "house-maple");
  const mean = (hour: number) => {
    let sum = 0;
    for (let day = 0; day < 60; day++) {
      const at = Date.UTC(2025, 5, 1 + day, hour);
      for (const meter of meters) sum += meter.watts(at);
    }
    return sum / 60;
  };
  assert(mean(12) < -1000, `${mean(12)}`);
  assert(mean(20) > 500, `${mean(20)}`);
});
