/**
 * Waiting for a condition instead of for a time.
 *
 * @module
 */

/** How long to wait, and what to say when it was in vain. */
export interface UntilOptions {
  /**
   * Milliseconds after which to give up.
   *
   * @default {10_000}
   */
  timeout?: number;
  /** What was awaited, for the error. */
  message?: string;
  /** Ends the waiting early; its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * Waits until a condition holds.
 *
 * The pauses between two looks grow from 1 ms to 50 ms: what is quick is seen at once, and what is slow is not
 * slowed further.
 *
 * @param condition Looked at again and again; anything truthy ends the waiting. What it throws counts as "not yet".
 * @param options How long to wait, and what to say when it was in vain.
 * @returns What the condition returned.
 * @throws {Error} When the time is over; its cause is what the condition threw last.
 *
 * @example
 * ```ts
 * const reply = await until(() => fetch("http://localhost:8000/readyz"), { message: "ingestion answers" });
 * ```
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<Awaited<T>, false | null | undefined | 0 | "">> {
  const { timeout = 10_000, message = "the condition holds", signal } = options;
  const end = performance.now() + timeout;
  let pause = 1;
  let cause: unknown;
  while (true) {
    signal?.throwIfAborted();
    try {
      const value = await condition();
      if (value) {
        return value as Exclude<Awaited<T>, false | null | undefined | 0 | "">;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) {
      const last = cause === undefined
        ? ""
        : `; the last try failed with: ${
          cause instanceof Error ? cause.message : cause
        }`;
      throw new Error(`Waited ${timeout} ms until ${message}, in vain${last}`, {
        cause,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, 50);
  }
}
