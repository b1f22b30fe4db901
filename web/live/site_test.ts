/** @module */
import assert from "node:assert/strict";
import { withReadings } from "./site.ts";

Deno.test("withReadings() takes the newest of each device, and lets what is late be", () => {
  const at = (device_id: string, second: number, power_reading: number) => ({
    id: "1",
    site_id: "s",
    device_id,
    power_reading,
    timestamp: `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`,
  });
  const devices = withReadings([at("b", 10, 1)], [
    at("a", 1, 5),
    at("b", 9, 7),
    at("a", 2, 6),
  ]);
  assert.deepEqual(devices.map((d) => [d.device_id, d.power_reading]), [
    ["a", 6],
    ["b", 1],
  ]);
});
