/** @module */
import assert from "node:assert/strict";
import { changesFor, sorted, sortOf } from "./sort.ts";

const at = (id: string, device_id: string, power_reading: number) => ({
  id,
  site_id: "s",
  device_id,
  power_reading,
  timestamp: "2026-01-01T00:00:00Z",
});
const rows = [at("1", "b", 5), at("2", "a", -7), at("3", "b", 12)];
const idsBy = (query: string) =>
  sorted(rows, sortOf(new URLSearchParams(query))).map(({ id }) => id).join("");

Deno.test("sorted() puts a page in order by device or power, either way, and else leaves it", () => {
  assert.equal(idsBy("sort=device"), "213");
  assert.equal(idsBy("sort=-device"), "132");
  assert.equal(idsBy("sort=power"), "213");
  assert.equal(idsBy("sort=-power"), "312");
  assert.equal(idsBy("order=asc"), "123");
  assert.equal(idsBy("sort=timestamp"), "123");
});

Deno.test("changesFor() turns the column round that is sorted by", () => {
  const time = sortOf(new URLSearchParams());
  assert.deepEqual(changesFor("power", time, "desc"), { sort: "-power" });
  const power = sortOf(new URLSearchParams("sort=-power"));
  assert.deepEqual(changesFor("power", power, "desc"), { sort: "power" });
  assert.deepEqual(changesFor("device", power, "desc"), { sort: "device" });
  assert.deepEqual(changesFor("time", power, "desc"), { sort: null });
  assert.equal(changesFor("time", time, "desc").order, "asc");
});
