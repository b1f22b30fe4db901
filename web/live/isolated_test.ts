/** @module */
import assert from "node:assert/strict";
import { isolated } from "./isolated.ts";

Deno.test("isolated() finds the values that a line does not reach", () => {
  assert.deepEqual(isolated([1, null, 2, 3, null, 4]), [0, 5]);
  assert.deepEqual(isolated([null, 0]), [1]);
});
