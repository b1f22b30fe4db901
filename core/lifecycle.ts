/**
 * Where a service is between its start and its end.
 *
 * @module
 */

import { Problem } from "./problem.ts";
import type { Redis } from "./redis.ts";

/** The state that readiness, answers and streams go by. */
export interface Lifecycle {
  /** Redis was reached once, and what must exist there exists. */
  started: boolean;
  /** SIGTERM came: unready, and every answer closes its connection. */
  draining: boolean;
  /** Requests that are being answered. */
  underWay: number;
  /** Aborted when no new requests are taken any more, so that endless answers (events) end. */
  readonly closing: AbortSignal;
}

/**
 * Makes a lifecycle at its beginning.
 *
 * @param closing Aborted when endless answers must end.
 * @returns The lifecycle.
 */
export function createLifecycle(
  closing: AbortSignal = new AbortController().signal,
): Lifecycle {
  return { started: false, draining: false, underWay: 0, closing };
}

/**
 * Lets a service be ready once its work has begun and all that requests need is connected: each connection to Redis
 * comes in its own time.
 *
 * @param lifecycle The lifecycle.
 * @param connections The connections that requests use.
 * @returns To be called when the work has begun.
 */
export function startWhenConnected(
  lifecycle: Lifecycle,
  connections: Redis[],
): () => void {
  let begun = false;
  const look = () => {
    lifecycle.started ||= begun &&
      connections.every(({ status }) => status === "ready");
  };
  for (const connection of connections) connection.on("ready", look);
  return () => {
    begun = true;
    look();
  };
}

/**
 * Makes the answer to what comes once no new requests are taken.
 *
 * @returns A 503 that ends its connection.
 */
export function turnAway(): Response {
  return new Problem(
    "draining",
    "The service is shutting down. Nothing was stored; send the request again, on a new connection.",
    {},
    { "retry-after": "1", connection: "close" },
  ).toResponse();
}
