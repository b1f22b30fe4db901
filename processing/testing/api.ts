/**
 * Asking the API in a test.
 *
 * @module
 */

import { assertEquals } from "../../dev/testing/assert.ts";
import type { Harness } from "./harness.ts";

/**
 * Makes what asks for JSON and takes nothing but a 200.
 *
 * @param h The harness.
 * @returns What gives the answer of a path.
 */
export async function getter(
  h: Harness,
  // deno-lint-ignore no-explicit-any
): Promise<(path: string) => Promise<any>> {
  const app = await h.app();
  return async (path) => {
    const response = await app.request(path);
    const body = await response.json();
    assertEquals(response.status, 200, JSON.stringify(body));
    return body;
  };
}
