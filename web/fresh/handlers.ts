/**
 * What a route handler returns: a response, or the data for the page beside it.
 *
 * @module
 */
import type { Context } from "./context.ts";

/** The methods that a route can handle. */
export type Method =
  | "HEAD"
  | "GET"
  | "POST"
  | "PATCH"
  | "PUT"
  | "DELETE"
  | "OPTIONS";

/** The data for a page component, with the status and headers of its response. */
export interface PageResponse<T> {
  data: T;
  headers?: HeadersInit;
  status?: number;
}

/** Answers a request, or gives the page its data. */
export interface HandlerFn<Data, State> {
  (
    ctx: Context<State>,
  ): Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;
}

/** One handler a method; a method without one gets 405, HEAD falls to GET. */
export type HandlerByMethod<Data, State> = {
  [M in Method]?: HandlerFn<Data, State>;
};

/** A function for every method, or an object with one a method. */
export type RouteHandler<Data, State> =
  | HandlerFn<Data, State>
  | HandlerByMethod<Data, State>;

/**
 * Hands data to the page component of the route.
 *
 * @param data What the component gets as `props.data`
 * @param options Status and headers of the response
 */
export function page<T>(
  data: T,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<T>;
export function page(): PageResponse<undefined>;
export function page<T>(
  data?: T,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<T> {
  return {
    data: data as T,
    headers: options?.headers,
    status: options?.status,
  };
}
