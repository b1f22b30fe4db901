/** @module */
import assert from "node:assert/strict";
import { formatFor, text } from "./format.ts";
import { localeOf } from "./preferences.ts";

const en = formatFor({ locale: "en", timeZone: "UTC" });

Deno.test("power is W, kW or MW, as fits", () => {
  const power = (watts: number) => text(en.power(watts)).replace("\u00a0", " ");
  assert.equal(power(0), "0 W");
  assert.equal(power(999.4), "999 W");
  assert.equal(power(999.6), "1.00 kW");
  assert.equal(power(-1_540), "-1.54 kW");
  assert.equal(power(2_340_000), "2.34 MW");
  assert.equal(power(-0.2), "0 W");
});

Deno.test("an axis has steps that can be told apart, also below a watt", () => {
  const ticks = (...values: number[]) =>
    values.map((watts) => text(en.powerTick(watts)).replace("\u00a0", " "));
  assert.deepEqual(ticks(-0, 0.2, 0.1 + 0.2, 1), [
    "0 W",
    "0.2 W",
    "0.3 W",
    "1 W",
  ]);
  assert.deepEqual(ticks(500, 1_000, 1_500), ["500 W", "1 kW", "1.5 kW"]);
  assert.equal(text(en.energyTick(0.0004)), "0.4\u00a0Wh");
});

Deno.test("energy is Wh, kWh or MWh, as fits", () => {
  const energy = (kWh: number) => text(en.energy(kWh)).replace("\u00a0", " ");
  assert.equal(energy(0), "0 kWh");
  assert.equal(energy(0.0004), "0 Wh");
  assert.equal(energy(0.25), "250 Wh");
  assert.equal(energy(12.345), "12.3 kWh");
  assert.equal(energy(1_234), "1.23 MWh");
});

Deno.test("ago() never speaks of the future, and grows its unit", () => {
  assert.equal(en.ago(1_000, 0), "now");
  assert.equal(en.ago(0, 5_000), "5 sec. ago");
  assert.equal(en.ago(0, 120_000), "2 min. ago");
  assert.equal(en.ago(0, 7_200_000), "2 hr. ago");
  assert.equal(en.ago(0, 86_400_000 * 3), "3 days ago");
});

Deno.test("times are those of the zone", () => {
  const tokyo = formatFor({ locale: "de", timeZone: "Asia/Tokyo" });
  assert.equal(tokyo.time(0), "09:00");
});

Deno.test("dateTime() and day() have the year of another year, in the zone", () => {
  const now = Date.now();
  const { dateTime, day } = en;
  assert.match(dateTime(Date.UTC(2006, 11, 16)), /^Dec 16, 2006, 12:00:00/);
  assert.equal(day(Date.UTC(2006, 11, 16)), "Sat, Dec 16, 2006");
  const thisYear = String(new Date(now).getUTCFullYear());
  assert.ok(!dateTime(now).includes(thisYear));
  assert.ok(!day(now).includes(thisYear));
});

Deno.test("localeOf() takes the first language that is one", () => {
  assert.equal(localeOf("de-AT,de;q=0.8"), "de-AT");
  assert.equal(localeOf("*, xx-invalid-subtag-much-too-long, fr"), "fr");
  assert.equal(localeOf("<script>"), "en");
  assert.equal(localeOf(""), "en");
});
