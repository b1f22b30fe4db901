/**
 * What the policy of Fresh's `csp()` still lacks here, and who may change things.
 *
 * @module
 */
import type { Context, Middleware } from "fresh";

/**
 * Runs outside of `csp()`. Over plain HTTP `upgrade-insecure-requests` would stop every script; and what was
 * not rendered here has no nonce, so inline code is not allowed in it at all.
 */
export function hardenHeaders<State>(): Middleware<State> {
  return async (ctx) => {
    const response = await ctx.next();
    const { headers } = response;
    const policy = headers.get("content-security-policy");
    const tls = ctx.url.protocol === "https:" ||
      ctx.req.headers.get("x-forwarded-proto") === "https";
    if (policy !== null) {
      const directives = policy.split("; ")
        .filter((directive) => tls || directive !== "upgrade-insecure-requests")
        .map((directive) => directive.replace(" 'unsafe-inline'", ""));
      headers.set("content-security-policy", directives.join("; "));
    }
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "same-origin");
    // A browser ignores it on an untrustworthy origin, and complains.
    if (tls) headers.set("cross-origin-opener-policy", "same-origin");
    return response;
  };
}

/** Whether a page's origin is the host it asks; the scheme may differ behind a proxy that ends TLS. */
export function isSameHost<State>(
  origin: string,
  ctx: Context<State>,
): boolean {
  try {
    return new URL(origin).host === ctx.req.headers.get("host");
  } catch {
    return false;
  }
}
