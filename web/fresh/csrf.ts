/**
 * Refuses state-changing requests that come from another site's page.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { HttpError } from "./error.ts";
import type { Middleware } from "./types.ts";

/** Options of {@linkcode csrf}. */
// deno-lint-ignore no-explicit-any
export interface CsrfOptions<State = any> {
  /** The allowed origins, or a function that decides. By default the origin of the request's URL. */
  origin?:
    | string
    | string[]
    | ((origin: string, context: Context<State>) => boolean);
}

/**
 * GET, HEAD and OPTIONS pass. `Sec-Fetch-Site`, if the browser sends it, must be `same-origin` or `none`;
 * otherwise `Origin`, if it is sent, must be an allowed one. A client that sends neither is no browser.
 *
 * @throws {HttpError} 403
 */
export function csrf<State>(options?: CsrfOptions): Middleware<State> {
  function allowed(origin: string | null, ctx: Context<State>): boolean {
    if (origin === null) return false;
    const rule = options?.origin ?? ctx.url.origin;
    if (typeof rule === "function") return rule(origin, ctx);
    return typeof rule === "string" ? rule === origin : rule.includes(origin);
  }

  return async (ctx) => {
    const { method, headers } = ctx.req;
    if (method === "GET" || method === "HEAD" || method === "OPTIONS") {
      return await ctx.next();
    }
    const site = headers.get("sec-fetch-site");
    const origin = headers.get("origin");
    if (site === "same-origin" || site === "none") return await ctx.next();
    if (site === null && origin === null) return await ctx.next();
    if (allowed(origin, ctx)) return await ctx.next();
    throw new HttpError(403);
  };
}
