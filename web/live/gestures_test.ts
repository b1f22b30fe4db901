/** @module */
import assert from "node:assert/strict";
import { viewFor } from "./gestures.ts";

const HOUR = 3_600_000;
const view = { from: 0, to: 10 * HOUR };

Deno.test("viewFor() keeps the time under one finger, and the length", () => {
  assert.deepEqual(viewFor([{ x: 700, time: 5 * HOUR }], 1_000, view), {
    from: -2 * HOUR,
    to: 8 * HOUR,
  });
});

Deno.test("viewFor() stretches the range so that both times stay under their fingers", () => {
  const fingers = [{ x: 200, time: 4 * HOUR }, { x: 800, time: 7 * HOUR }];
  assert.deepEqual(viewFor(fingers, 1_000, view), {
    from: 3 * HOUR,
    to: 8 * HOUR,
  });
});

Deno.test("viewFor() keeps the length when fingers cross, and never goes below a minute", () => {
  const crossed = viewFor(
    [{ x: 500, time: 4 * HOUR }, { x: 500, time: 7 * HOUR }],
    1_000,
    view,
  );
  assert.equal(crossed.to - crossed.from, 10 * HOUR);
  const close = viewFor(
    [{ x: 0, time: 0 }, { x: 1_000, time: 10 }],
    1_000,
    view,
  );
  assert.equal(close.to - close.from, 60_000);
});
