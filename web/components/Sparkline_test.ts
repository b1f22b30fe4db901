/** @module */
import assert from "node:assert/strict";
import { areaPath } from "./Sparkline.tsx";

Deno.test("areaPath() fills from the lower edge where nothing is below zero", () => {
  assert.equal(areaPath([0, 1, 1], 0), "M-1 26V22h1l1-21h1h2V26H-1z");
});

Deno.test("areaPath() fills from zero where something is below it", () => {
  assert.equal(areaPath([1, 0], 1 / 3), "M-1 15V1h1l1 21h2V15H-1z");
});

Deno.test("areaPath() leaves a gap open", () => {
  assert.equal(
    areaPath([1, null, 0], 0.5),
    "M-1 12V1h1V12H-1zM2 12V22h2V12H2z",
  );
});
