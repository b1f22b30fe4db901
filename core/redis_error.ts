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
  if (code === "WRONGTYPE") {
    return { outcome: "refused", why: wrongKey(error as Refusal) };
  }
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

/** What a client throws for an answer of Redis. */
interface Refusal extends Error {
  /** What was sent; ioredis adds it. */
  command?: { name: string; args: unknown[] };
}

/** More keys than a person would look through one by one. */
const MANY_KEYS = 4;

/** Says what key holds what it should not, or which ones may. Our own scripts name it; Redis does not. */
function wrongKey({ message, command }: Refusal): string {
  const named = /\bthe key (\S+)/.exec(message)?.[1];
  const keys = named === undefined ? keysOf(command) : [named];
  const which = keys.length === 0 || keys.length > MANY_KEYS
    ? "a key of this system"
    : `the key ${keys.join(" or ")}`;
  return `${which} holds something else than this system puts there; rename or delete it`;
}

function keysOf(command: Refusal["command"]): string[] {
  if (command === undefined) return [];
  const { name, args } = command;
  const values = args.map(String);
  if (/^eval/i.test(name)) return values.slice(2, 2 + Number(values[1]));
  if (/^xread/i.test(name)) {
    const at = values.findIndex((value) => /^streams$/i.test(value)) + 1;
    return values.slice(at, at + (values.length - at) / 2);
  }
  return /^x(?:info|group)$/i.test(name)
    ? values.slice(1, 2)
    : values.slice(0, 1);
}
