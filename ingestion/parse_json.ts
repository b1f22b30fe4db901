/**
 * Bodies of type `application/json`: one reading, or an array of them.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import { faultOffset } from "./json_position.ts";
import { placeOf } from "./place.ts";

/**
 * Parses a JSON body.
 *
 * @param text The body.
 * @returns What it says.
 * @throws {Problem} 400 when it is not JSON, with the line and column from which on it is not.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message is not passed on: it repeats the content.
    if (text.trim() === "") {
      throw new Problem("not-json", "The body is empty; send a reading.");
    }
    const offset = faultOffset(text);
    const { line, column } = placeOf(text, offset);
    throw new Problem(
      "not-json",
      offset >= text.length
        ? `The JSON ends too early, at line ${line}, column ${column}.`
        : `The body is not JSON at line ${line}, column ${column}.`,
      { line, column },
    );
  }
}
