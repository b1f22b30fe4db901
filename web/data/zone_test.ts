/** @module */
import assert from "node:assert/strict";
import { fromLocal, toLocal } from "./zone.ts";

Deno.test("toLocal() and fromLocal() are each other's inverse, summer and winter", () => {
  for (
    const [zone, utc, local] of [
      ["Europe/Berlin", "2026-01-15T10:30:00Z", "2026-01-15T11:30"],
      ["Europe/Berlin", "2026-07-15T22:30:00Z", "2026-07-16T00:30"],
      ["America/New_York", "2026-01-01T03:00:00Z", "2025-12-31T22:00"],
      ["Asia/Kathmandu", "2026-01-15T10:30:00Z", "2026-01-15T16:15"],
      ["UTC", "2026-01-15T00:00:00Z", "2026-01-15T00:00"],
      ["Asia/Tokyo", "0999-06-01T00:00:00Z", "0999-06-01T09:18"],
      ["UTC", "0026-01-15T10:30:00Z", "0026-01-15T10:30"],
    ]
  ) {
    assert.equal(toLocal(Date.parse(utc), zone), local);
    assert.equal(fromLocal(local, zone), Date.parse(utc), zone);
  }
});

Deno.test("fromLocal() takes the first of an hour that comes twice, and the one after an hour that is left out", () => {
  const at = (text: string) =>
    new Date(fromLocal(text, "Europe/Berlin")).toISOString();
  assert.equal(at("2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");
  assert.equal(at("2026-03-29T02:30"), "2026-03-29T01:30:00.000Z");
});

Deno.test("fromLocal() takes an offset as it is, and rubbish for no time", () => {
  assert.equal(
    fromLocal("2026-01-15T10:30:00.000Z", "Europe/Berlin"),
    Date.parse("2026-01-15T10:30:00Z"),
  );
  assert.ok(Number.isNaN(fromLocal("soon", "Europe/Berlin")));
  assert.ok(Number.isNaN(fromLocal("2026-13-45T10:30", "Europe/Berlin")));
});
