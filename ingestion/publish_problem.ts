/**
 * The answers to readings that Redis did not take, or may not have taken.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import { outcomeOf } from "../core/redis_error.ts";

/**
 * The answer when Redis did not take readings, or may not have.
 *
 * @param error What the client threw.
 * @returns A 503; or the error itself when it is a fault of the program.
 */
export function publishProblem(error: unknown): unknown {
  const { outcome, why } = outcomeOf(error);
  if (outcome === "other") return error;
  if (outcome === "refused") return unavailable(why);
  return new Problem(
    "outcome-unknown",
    `Redis may or may not have taken the readings: ${why}. Sent with an Idempotency-Key, they can be sent again ` +
      "without being stored twice.",
    {},
    { "retry-after": "1" },
  );
}

/**
 * The answer when readings were not sent, because those before them failed.
 *
 * @param error What the client threw for those before them.
 * @returns A 503; or the error itself when it is a fault of the program.
 */
export function notSent(error: unknown): unknown {
  const { outcome, why } = outcomeOf(error);
  return outcome === "other" ? error : unavailable(why);
}

/**
 * The answer when Redis did not take readings.
 *
 * @param why Why not, as the end of a sentence about Redis.
 * @returns A 503.
 */
export function unavailable(why: string): Problem {
  return new Problem(
    "redis-unavailable",
    `Redis did not take the readings: ${why}. These were not stored; send them again shortly.`,
    {},
    { "retry-after": "1" },
  );
}
