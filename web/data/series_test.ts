/** @module */
import assert from "node:assert/strict";
import { appendReading } from "../live/append.ts";
import { barStepFor, rangeOf, stepFor } from "./range.ts";
import { align, fillBars } from "./series.ts";
import { toLocal } from "./zone.ts";

const MINUTE = 60_000;

const point = (minute: number, mean: number) => ({
  start: new Date(minute * MINUTE).toISOString(),
  mean,
  min: mean,
  max: mean,
  import_kwh: 0,
  export_kwh: 0,
});

Deno.test("align() puts devices on one axis and keeps gaps open", () => {
  const series = align({
    step: "1m",
    devices: [
      { device_id: "a", points: [point(0, 1), point(1, 2), point(9, 3)] },
      { device_id: "b", points: [point(1, 7)] },
    ],
  }, MINUTE);
  assert.deepEqual(series.times, [0, 1, 2, 9].map((m) => m * MINUTE));
  assert.deepEqual(series.devices[0].means, [1, 2, null, 3]);
  assert.deepEqual(series.devices[1].means, [null, 7, null, null]);
});

Deno.test("appendReading() lets a series grow, leaves a gap, and drops what is out of range", () => {
  const series = {
    step: "1m",
    times: [0, MINUTE],
    devices: [{ id: "a", means: [1, 2] }],
  };
  const reading = (
    device_id: string,
    minute: number,
    power_reading: number,
  ) => ({
    id: "1",
    site_id: "s",
    device_id,
    power_reading,
    timestamp: new Date(minute * MINUTE).toISOString(),
  });
  const next = appendReading(series, reading("a", 2, 5), 0);
  assert.deepEqual(next.devices[0].means, [1, 2, 5]);
  assert.deepEqual(
    appendReading(next, reading("a", 2.5, 6), 0).devices[0].means,
    [1, 2, 6],
  );
  const other = appendReading(next, reading("b", 2, 9), 0);
  assert.deepEqual(other.devices[1], { id: "b", means: [null, null, 9] });
  const later = appendReading(next, reading("a", 10, 7), 0);
  assert.deepEqual(later.devices[0].means, [1, 2, 5, null, 7]);
  assert.deepEqual(
    appendReading(next, reading("a", 3, 7), 3 * MINUTE).times,
    [2, 3].map((m) => m * MINUTE),
  );
  assert.equal(
    appendReading(next, reading("a", 0, 7), 0),
    next,
    "what comes late changes nothing here",
  );
});

Deno.test("rangeOf() reads the address, and takes rubbish as the last day", () => {
  const now = Date.parse("2026-03-01T00:00:00Z");
  const of = (query: string) =>
    rangeOf(new URLSearchParams(query), now, "Europe/Berlin");
  assert.deepEqual(of("range=7d"), {
    name: "7d",
    from: now - 7 * 86_400_000,
    to: now,
  });
  assert.equal(
    of("from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z").name,
    "own",
  );
  const local = of("from=2026-01-01T00:00&to=2026-01-02T00:00");
  assert.equal(local.from, Date.parse("2025-12-31T23:00:00Z"));
  const elsewhere = of(
    "from=2026-01-01T00:00&to=2026-01-02T00:00&tz=Asia/Tokyo",
  );
  assert.equal(elsewhere.to, Date.parse("2026-01-01T15:00:00Z"));
  assert.equal(of("range=toString").name, "24h");
  assert.equal(of("").name, "24h");
});

Deno.test("rangeOf() says why a range is not the one that was asked for", () => {
  const now = Date.parse("2026-03-01T00:00:00Z");
  const of = (query: string) =>
    rangeOf(new URLSearchParams(query), now, "Europe/Berlin");
  for (
    const [query, fault] of [
      ["from=2026-01-02T00:00&to=2026-01-01T00:00", /From must be before to/],
      ["from=2026-01-02T00:00&to=2026-01-02T00:00", /From must be before to/],
      ["from=2026-01-02T00:00", /must both be times/],
      ["from=yesterday&to=2026-01-02T00:00", /must both be times/],
      ["from=0000-01-01T00:00&to=2026-01-01T00:00", /years 1 to 9999/],
      ["from=2026-01-01T00:00&to=12026-01-01T00:00", /years 1 to 9999/],
      ["from=2026-01-01T00:00Z&to=%2B012026-01-01T00:00Z", /1 to 9999/],
    ] as const
  ) {
    const range = of(query);
    assert.equal(range.name, "24h", query);
    assert.equal(range.to, now);
    assert.match(range.fault ?? "", fault, query);
  }
  const old = of("from=0500-01-01T00:00&to=0999-12-31T00:00");
  assert.equal(old.name, "own");
  assert.equal(new Date(old.from).getUTCFullYear(), 499);
  assert.equal(old.fault, undefined);
});

Deno.test("stepFor() and barStepFor() suit the range", () => {
  const day = 86_400_000;
  assert.equal(stepFor(0, day / 24).step, "1m");
  assert.equal(stepFor(0, day).step, "5m");
  assert.equal(stepFor(0, 7 * day).step, "15m");
  assert.equal(stepFor(0, 30 * day).step, "1h");
  assert.equal(stepFor(0, 3_650 * day).step, "1d");
  assert.equal(barStepFor({ name: "", from: 0, to: 7 * day }), "1d");
  assert.equal(barStepFor({ name: "", from: 0, to: 365 * day }), "1mo");
});

Deno.test("fillBars() keeps the place of hours in which nothing was heard", () => {
  const bar = (hour: number) => ({
    start: hour * 60 * MINUTE,
    imported: 1,
    exported: 0,
  });
  const filled = fillBars([bar(5), bar(1), bar(2)], "1h", "UTC");
  assert.deepEqual(filled.map(({ start }) => start / 60 / MINUTE), [
    1,
    2,
    3,
    4,
    5,
  ]);
  assert.equal(filled[2].imported, 0);
});

Deno.test("fillBars() goes by the days of the calendar, of which summer time makes some longer and some shorter", () => {
  const bar = (start: string) => ({
    start: Date.parse(start),
    imported: 1,
    exported: 0,
  });
  const days = (zone: string, first: string, last: string) =>
    fillBars([bar(last), bar(first)], "1d", zone).map(({ start }) =>
      toLocal(start, zone)
    );
  assert.deepEqual(
    days("Europe/Berlin", "2026-10-23T22:00Z", "2026-10-27T23:00Z"),
    [24, 25, 26, 27, 28].map((day) => `2026-10-${day}T00:00`),
  );
  assert.deepEqual(
    days("Europe/Berlin", "2026-03-27T23:00Z", "2026-03-30T22:00Z"),
    [28, 29, 30, 31].map((day) => `2026-03-${day}T00:00`),
  );
  // A day that begins at one, and one that was left out.
  assert.deepEqual(
    days("Africa/Cairo", "2026-04-22T22:00Z", "2026-04-24T21:00Z"),
    ["2026-04-23T00:00", "2026-04-24T01:00", "2026-04-25T00:00"],
  );
  assert.deepEqual(
    days("Pacific/Apia", "2011-12-29T10:00Z", "2011-12-31T10:00Z"),
    ["2011-12-29T00:00", "2011-12-31T00:00", "2012-01-01T00:00"],
  );
});
