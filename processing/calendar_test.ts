import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createCalendar, stepBounds, type StepName } from "./calendar.ts";

const bounds = (zone: string, step: StepName, from: string, to: string) =>
  stepBounds(
    createCalendar(zone),
    step,
    Date.parse(from),
    Date.parse(to),
    10_000,
  )!.map((time) => new Date(time).toISOString().replace(":00.000Z", "Z"));

Deno.test("stepBounds() gives the days on which the clocks are changed 23 and 25 hours", () => {
  const hoursOf = (from: string, to: string) =>
    bounds("Europe/Berlin", "1h", from, to).length - 1;
  assertEquals(hoursOf("2024-03-30T23:00Z", "2024-03-31T22:00Z"), 23);
  assertEquals(hoursOf("2024-10-26T22:00Z", "2024-10-27T23:00Z"), 25);
  assertEquals(
    bounds("Europe/Berlin", "1d", "2024-03-30T12:00Z", "2024-04-01T12:00Z"),
    [
      "2024-03-29T23:00Z",
      "2024-03-30T23:00Z",
      "2024-03-31T22:00Z",
      "2024-04-01T22:00Z",
    ],
  );
});

Deno.test("stepBounds() goes by months across the end of a year and of summer time", () => {
  assertEquals(
    bounds("Europe/Berlin", "1mo", "2023-10-15T00:00Z", "2024-02-01T00:00Z"),
    [
      "2023-09-30T22:00Z",
      "2023-10-31T23:00Z",
      "2023-11-30T23:00Z",
      "2023-12-31T23:00Z",
      "2024-01-31T23:00Z",
      "2024-02-29T23:00Z",
    ],
  );
});

Deno.test("stepBounds() begins hours where the zone does, and a step where half an hour is put in", () => {
  assertEquals(
    bounds("Asia/Kolkata", "1h", "2024-01-01T00:00Z", "2024-01-01T01:00Z"),
    ["2023-12-31T23:30Z", "2024-01-01T00:30Z", "2024-01-01T01:30Z"],
  );
  // Lord Howe turns 02:00 back to 01:30, at 15:00 UTC.
  assertEquals(
    bounds(
      "Australia/Lord_Howe",
      "1h",
      "2024-04-06T14:00Z",
      "2024-04-06T16:00Z",
    ),
    [
      "2024-04-06T14:00Z",
      "2024-04-06T15:00Z",
      "2024-04-06T15:30Z",
      "2024-04-06T16:30Z",
    ],
  );
});

Deno.test("stepBounds() knows days without a midnight, or with two", () => {
  // The clocks of São Paulo went from 00:00 to 01:00.
  assertEquals(
    bounds(
      "America/Sao_Paulo",
      "1d",
      "2018-11-03T12:00Z",
      "2018-11-04T12:00Z",
    ),
    ["2018-11-03T03:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"],
  );
  // Those of Havana went from 01:00 to 00:00.
  assertEquals(
    bounds("America/Havana", "1d", "2024-11-03T12:00Z", "2024-11-03T13:00Z"),
    ["2024-11-03T04:00Z", "2024-11-04T05:00Z"],
  );
});

Deno.test("stepBounds() leaves no gap and keeps to its length, through decades of changes", () => {
  for (const zone of ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"]) {
    const all = stepBounds(
      createCalendar(zone),
      "1d",
      Date.UTC(1996, 0),
      Date.UTC(2023, 0),
      10_000,
    )!;
    for (let i = 1; i < all.length; i++) {
      const hours = (all[i] - all[i - 1]) / 3_600_000;
      assert(hours >= 23 && hours <= 25, `${zone} ${new Date(all[i])}`);
    }
  }
});

Deno.test("stepBounds() refuses more steps than there may be", () => {
  const calendar = createCalendar("UTC");
  assertEquals(stepBounds(calendar, "1m", 0, 600_000, 10)?.length, 11);
  assertEquals(stepBounds(calendar, "1m", 0, 600_001, 10), undefined);
  assertEquals(stepBounds(calendar, "1m", 0, 1e15, 10), undefined);
});
