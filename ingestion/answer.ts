/**
 * The answers to readings that were taken.
 *
 * @module
 */

import type { RequestState } from "../core/request_state.ts";
import type { Answer } from "./idempotency.ts";
import type { Written } from "./publish.ts";

/**
 * Makes the answer.
 *
 * @param state What accompanies the request.
 * @param answer What was taken and what was not.
 * @param ids The ids of the first and the last entry; empty when there is none.
 * @returns A 202.
 */
export function accepted(
  state: RequestState,
  { single, accepted, rejected }: Answer,
  { first, last }: Written,
): Response {
  if (single && rejected === undefined) {
    return json(state, `{"status":"accepted","id":"${first}"}`);
  }
  const ids = { first_id: first || null, last_id: last || null };
  return json(
    state,
    JSON.stringify({ status: "accepted", accepted, ...ids, rejected }),
    rejected !== undefined,
  );
}

function json(state: RequestState, body: string, lenient = false): Response {
  state.idSent = true;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "x-request-id": state.requestId,
  };
  if (lenient) headers["preference-applied"] = "handling=lenient";
  return new Response(body, { status: 202, headers });
}
