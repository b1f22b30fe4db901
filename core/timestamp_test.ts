import { assert, assertEquals } from "../dev/testing/assert.ts";
import fc from "fast-check";
import {
  compareTimestamps,
  epochMsOf,
  MAX_AHEAD_MS,
  parseTimestamp,
  type Timestamp,
} from "./timestamp.ts";

const NOW = Date.parse("2024-06-01T00:00:00Z");
const parse = (text: string) => parseTimestamp(text, NOW);
const utc = (text: string) => (parse(text) as Timestamp).utc;

Deno.test("parseTimestamp() keeps UTC as it is", () => {
  assertEquals(utc("2024-01-15T10:30:00Z"), "2024-01-15T10:30:00Z");
});

Deno.test("parseTimestamp() brings offsets to UTC, across days and years", () => {
  assertEquals(utc("2024-01-15T11:30:00+01:00"), "2024-01-15T10:30:00Z");
  assertEquals(utc("2024-01-01T00:30:00+0100"), "2023-12-31T23:30:00Z");
  assertEquals(utc("2023-12-31T23:30:00-05"), "2024-01-01T04:30:00Z");
});

Deno.test("parseTimestamp() keeps a fraction of nine digits without trailing zeros", () => {
  assertEquals(
    utc("2024-01-15T10:30:00.123456789Z"),
    "2024-01-15T10:30:00.123456789Z",
  );
  assertEquals(utc("2024-01-15T10:30:00.500Z"), "2024-01-15T10:30:00.5Z");
  assertEquals(utc("2024-01-15T10:30:00.000+00:00"), "2024-01-15T10:30:00Z");
});

Deno.test("parseTimestamp() refuses what is no time, has no offset, or is too far ahead", () => {
  for (
    const text of [
      "",
      "2024-01-15",
      "2024-01-15T10:30:00",
      "2024-01-15 10:30:00Z",
      "2024-02-30T00:00:00Z",
      "2023-02-29T00:00:00Z",
      "2024-13-01T00:00:00Z",
      "2024-01-15T24:00:00Z",
      "2024-01-15T10:60:00Z",
      "2024-01-15T10:30:60Z",
      "2024-01-15T10:30:00+24:00",
      "2024-01-15T10:30:00+01:",
      "2024-01-15T10:30:00+01:0",
      "2024-01-15T10:30:00+1",
      "2024-01-15T10:30:00.1234567890Z",
      "0000-01-01T00:00:00+01:00",
      "+12024-01-15T10:30:00Z",
      "1705314600",
      new Date(NOW + MAX_AHEAD_MS + 1000).toISOString(),
    ]
  ) assertEquals(typeof parse(text), "string", text);
  assertEquals(typeof parse("2024-02-29T00:00:00Z"), "object");
  assertEquals(
    typeof parse(new Date(NOW + MAX_AHEAD_MS).toISOString()),
    "object",
  );
});

Deno.test("parseTimestamp() agrees with Date, whatever the offset", () => {
  const offset = fc.integer({ min: -1439, max: 1439 });
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-02T00:00:00Z"), max: new Date(NOW) }),
      offset,
      (date, minutes) => {
        if (Number.isNaN(date.getTime())) return;
        const local = new Date(date.getTime() + minutes * 60_000).toISOString()
          .slice(0, -1);
        if (!/^\d{4}-/.test(local)) {
          return;
        }
        const sign = minutes < 0 ? "-" : "+", abs = Math.abs(minutes);
        const text = `${local}${sign}${
          String(Math.floor(abs / 60)).padStart(2, "0")
        }:${String(abs % 60).padStart(2, "0")}`;
        const parsed = parse(text) as Timestamp;
        assertEquals(parsed.epochMs, date.getTime());
        assertEquals(epochMsOf(parsed.utc), date.getTime());
        assertEquals(parse(parsed.utc), parsed);
      },
    ),
  );
});

Deno.test("compareTimestamps() orders as times, down to the nanosecond", () => {
  assert(
    compareTimestamps("2024-01-15T10:30:00Z", "2024-01-15T10:30:00.5Z") < 0,
  );
  assert(
    compareTimestamps(
      "2024-01-15T10:30:00.000000002Z",
      "2024-01-15T10:30:00.000000001Z",
    ) > 0,
  );
  assertEquals(
    compareTimestamps("2024-01-15T10:30:00.5Z", "2024-01-15T10:30:00.5Z"),
    0,
  );
});
