import { daysKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { readDeviceDays } from "./device_days.ts";
import { createHarness } from "./testing/harness.ts";

Deno.test("readDeviceDays() gives each day of a device once, where there are more than are asked for in one go", async () => {
  await using h = await createHarness();
  const expected = new Map<string, number[]>();
  for (const [day, count] of [[1, 9_999], [2, 25_000], [3, 2]]) {
    // The first is of the site's totals, as one without a device is.
    const devices = Array.from({ length: count }, (_, i) => i === 0 ? "" : i);
    const members = devices.flatMap((device) => [day, `${day}:${device}`]);
    await h.redis.zadd(daysKey("s"), ...members);
    for (const device of devices.slice(1)) {
      const days = expected.get(`${device}`) ?? [];
      expected.set(`${device}`, [...days, day]);
    }
  }
  const all = { first: -1, last: 3 };
  const actual = await readDeviceDays(h.redis, "s", all);
  // Not by what would take minutes to show the difference.
  assert(
    JSON.stringify([...actual].sort()) === JSON.stringify([...expected].sort()),
  );
  const one = await readDeviceDays(h.redis, "s", { ...all, deviceId: "1" });
  assertEquals([...one], [["1", [1, 2, 3]]]);
  const second = { first: 2, last: 2, deviceId: "1" };
  assertEquals([...await readDeviceDays(h.redis, "s", second)], [["1", [2]]]);
});
