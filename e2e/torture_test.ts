import { assertEquals } from "../dev/testing/assert.ts";
import { torture } from "./torture.ts";

Deno.test("every reading is stored once while processing and Redis are killed", async () => {
  const { stored, lost, twice, dead_letters } = await torture({
    readings: 5000,
    kills: 4,
    restarts: 1,
  });
  assertEquals({ stored, lost, twice, dead_letters }, {
    stored: 5000,
    lost: 0,
    twice: 0,
    dead_letters: 0,
  });
});
