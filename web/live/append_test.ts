/** @module */
import assert from "node:assert/strict";
import { appendReading } from "./append.ts";

const MINUTE = 60_000;

const reading = (device_id: string, minute: number, power_reading: number) => ({
  id: "1",
  site_id: "s",
  device_id,
  power_reading,
  timestamp: new Date(minute * MINUTE).toISOString(),
});

const series = {
  step: "1m",
  times: [0, MINUTE],
  devices: [{ id: "a", means: [1, 2] }, { id: "fast", means: [3, 4] }],
};

Deno.test("appendReading() lets a device grow behind one whose clock is ahead", () => {
  let grown = appendReading(series, reading("fast", 30, 9), 0);
  grown = appendReading(grown, reading("a", 2, 5), 0);
  grown = appendReading(grown, reading("a", 3, 6), 0);
  grown = appendReading(grown, reading("a", 3.5, 7), 0);
  assert.deepEqual(
    grown.times.map((time) => time / MINUTE),
    [0, 1, 2, 3, 4, 30],
  );
  assert.deepEqual(grown.devices[0].means, [1, 2, 5, 7, null, null]);
  assert.deepEqual(
    grown.devices[1].means,
    [3, 4, null, null, null, 9],
    "its gap stays open",
  );
});

Deno.test("appendReading() keeps a gap open on both sides of a step in it", () => {
  const far = appendReading(series, reading("fast", 30, 9), 0);
  const between = appendReading(far, reading("a", 10, 5), 0);
  assert.deepEqual(
    between.times.map((time) => time / MINUTE),
    [0, 1, 2, 3, 10, 11, 30],
  );
  assert.deepEqual(
    between.devices[0].means,
    [1, 2, null, null, 5, null, null],
  );
});
