/**
 * What accompanies a request on its way to its answer, and what the log says of both.
 *
 * @module
 */

import type { ApiKey } from "./auth.ts";
import { type HeaderOf, headersOf } from "./served.ts";

/** What accompanies a request through its handler. */
export interface RequestState {
  /** Its id: the client's `X-Request-Id` when that is sane, else a new one. */
  requestId: string;
  /** Its headers. */
  header: HeaderOf;
  /** The pattern of the route that answered it. */
  route: string;
  /** The key it came with. */
  key?: ApiKey;
  /** Whether the handler has put the id into its answer itself, which costs less than adding it afterwards. */
  idSent?: boolean;
}

/**
 * Makes the state of a request that has just come.
 *
 * @param request The request.
 * @returns The state, without a route.
 */
export function createRequestState(request: Request): RequestState {
  const header = headersOf(request);
  return { requestId: requestId(header), header, route: "unmatched" };
}

/**
 * What the log says of a request that was answered.
 *
 * @param request The request.
 * @param state What accompanied it.
 * @param response The answer.
 * @param milliseconds How long it took.
 * @returns The fields of the record.
 */
export function requestFields(
  request: Request,
  state: RequestState,
  response: Response,
  milliseconds: number,
) {
  return {
    method: request.method,
    route: state.route,
    status: response.status,
    ms: Math.round(milliseconds * 10) / 10,
    request_id: state.requestId,
    ...(state.key && { key: state.key.name }),
  };
}

/** Tells this process's requests from those of others; a random id for each would take longer than to count them. */
const PROCESS = crypto.randomUUID().slice(-12);
let requests = 0;

function requestId(header: HeaderOf): string {
  const sent = header("x-request-id");
  return sent !== null && /^[A-Za-z0-9._:-]{1,64}$/.test(sent)
    ? sent
    : `${PROCESS}-${(++requests).toString(36)}`;
}
