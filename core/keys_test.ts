import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { seriesKey } from "./keys.ts";

/** Names that look like parts of keys. */
const name = fc.array(
  fc.constantFrom("a", "b", ":", "15m", ":15m:", "-", "1", "19737", "3A"),
  { minLength: 1, maxLength: 6 },
).map((parts) => parts.join("")).filter((it) => /^[A-Za-z0-9]/.test(it));

Deno.test("seriesKey() is another for another site, day or device", () => {
  fc.assert(
    fc.property(
      name,
      fc.constantFrom(-1, 1, 19737),
      name,
      (site, day, device) => {
        const key = seriesKey(site, day, device);
        // All that the same text could be of.
        for (let at = key.indexOf(":") + 1; at < key.length; at++) {
          const split = /^:15m:(-?\d+):(.+)$/.exec(key.slice(at));
          if (split === null) continue;
          const other = key.slice("site_series:".length, at);
          // A name has no percent sign.
          if (other === site || other.includes("%")) continue;
          assert(seriesKey(other, Number(split[1]), split[2]) !== key);
        }
      },
    ),
    { numRuns: 2000 },
  );
  assertEquals(
    seriesKey("house:1", 19737, "meter:1"),
    "site_series:house:1:15m:19737:meter:1",
  );
});
