/**
 * What an error from Redis means for the one who asked.
 *
 * @module
 */

import { Problem } from "./problem.ts";

/**
 * What became of a command that failed.
 *
 * - `refused`: Redis did not take it, or never saw it; nothing was written.
 * - `unknown`: it was sent, and the connection broke or the time ran out before an answer came.
 * - `other`: not an error of Redis's state, so a fault of the program.
 */
export type Outcome = "refused" | "unknown" | "other";

const REFUSED: Record<string, string> = {
  OOM: "its memory is full",
  READONLY: "it is a read-only replica",
  LOADING: "it is loading its data",
  MASTERDOWN: "it is a replica without its master",
  MISCONF: "it cannot write to its disk",
  NOREPLICAS: "too few replicas are in reach",
  NOAUTH: "it wants a password (REDIS_PASSWORD)",
  WRONGPASS: "it does not accept the user or password",
  NOPERM: "its user may not do this",
  BUSY: "it is busy with a script",
  TRYAGAIN: "it is being moved",
  CLUSTERDOWN: "its cluster is down",
  WRONGTYPE: "a key that belongs to this system holds something else",
};

/**
 * Says what became of a command.
 *
 * @param error What the client threw.
 * @returns The outcome, and why, as the end of a sentence about Redis.
 */
export function outcomeOf(error: unknown): { outcome: Outcome; why: string } {
  const { name = "", message = "" } = error as Error;
  // Redis 7.0 has no code for what a script's user may not do.
  const code = message.startsWith("ERR The user executing the script can't")
    ? "NOPERM"
    : /^(?:ERR )?-?([A-Z]+)\b/.exec(message)?.[1] ?? "";
  if (code in REFUSED) return { outcome: "refused", why: REFUSED[code] };
  if (message.startsWith("Stream isn't writeable")) {
    return { outcome: "refused", why: "it cannot be reached" };
  }
  if (message === "Command timed out") {
    return { outcome: "unknown", why: "it did not answer in time" };
  }
  if (
    name === "MaxRetriesPerRequestError" || name === "AbortError" ||
    message === "Connection is closed." ||
    /ECONNRESET|EPIPE|ECONNREFUSED|ETIMEDOUT|Socket closed|Socket timeout/.test(
      message,
    )
  ) {
    return { outcome: "unknown", why: "the connection to it broke" };
  }
  return { outcome: "other", why: message };
}

/**
 * The answer for a request that only reads and that Redis failed.
 *
 * @param error What the client threw.
 * @returns A 503, or `undefined` when the error is not one of Redis's state.
 */
export function redisProblem(error: unknown): Problem | undefined {
  const { outcome, why } = outcomeOf(error);
  if (outcome === "other") return undefined;
  return new Problem(
    "redis-unavailable",
    `Redis cannot be used: ${why}. Try again shortly.`,
    {},
    {
      "retry-after": "1",
    },
  );
}
