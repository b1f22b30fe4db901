/**
 * Assertions, from Node's own module: what the tests need is built in, and nothing has to be fetched.
 *
 * @module
 */

import nodeAssert from "node:assert/strict";

/**
 * Asserts that a value is truthy.
 *
 * @param value The value.
 * @param message Said when it is not.
 */
export function assert(value: unknown, message?: string): asserts value {
  nodeAssert.ok(value, message);
}

/**
 * Asserts that two values are deeply and strictly equal.
 *
 * @param actual What there is.
 * @param expected What there should be.
 * @param message Said when they differ.
 */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/**
 * Asserts that a text matches.
 *
 * @param text The text.
 * @param pattern The pattern.
 */
export function assertMatch(text: string, pattern: RegExp): void {
  nodeAssert.match(text, pattern);
}

/** Asserts that a promise rejects, or a function throws; both give the error. */
export async function assertRejects(
  run: () => unknown,
  pattern: RegExp,
): Promise<Error> {
  try {
    await run();
  } catch (error) {
    nodeAssert.match(String(error), pattern);
    return error as Error;
  }
  throw new nodeAssert.AssertionError({
    message: `Expected an error that matches ${pattern}`,
  });
}
