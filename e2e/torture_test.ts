/**
 * A small torture, as a test.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { isWhole, torture } from "./torture.ts";

Deno.test("torture: every reading is stored once while processing and Redis are killed", async () => {
  const report = await torture({
    readings: 12_000,
    kills: 4,
    restarts: 2,
    // What a dead replica leaves is taken over sooner, so that the test does not wait for it.
    processing: { CLAIM_IDLE_MS: "1000" },
  });
  assert(isWhole(report), JSON.stringify(report));
  assertEquals([report.stored, report.kills, report.restarts], [12_000, 4, 2]);
  assert(report.kills_in_a_batch > 0, "no kill fell into a batch");
});
