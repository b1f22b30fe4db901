/**
 * Content-Security-Policy, with a nonce for what the renderer writes inline.
 *
 * @module
 */
import { nonceOf } from "./context.ts";
import type { Middleware } from "./types.ts";

/** Options of {@linkcode csp}. */
export interface CSPOptions {
  /** Report what would be blocked, and block nothing. */
  reportOnly?: boolean;
  /** Where reports go. */
  reportTo?: string;
  /** Directives to add after the defaults. */
  csp?: string[];
  /** Allow inline scripts and styles by the render's nonce in place of `'unsafe-inline'`. */
  useNonce?: boolean;
}

const DEFAULTS = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "upgrade-insecure-requests",
];

/** Sets the policy on every answer. */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const { reportOnly = false, reportTo, csp = [], useNonce = false } = options;
  const directives = [...DEFAULTS, ...csp];
  if (reportTo) {
    directives.push("report-to csp-endpoint", `report-uri ${reportTo}`);
  }
  const fixed = directives.join("; ");
  const name = reportOnly
    ? "Content-Security-Policy-Report-Only"
    : "Content-Security-Policy";

  return async (ctx) => {
    const response = await ctx.next();
    const nonce = useNonce ? nonceOf(response) : undefined;
    response.headers.set(
      name,
      nonce ? fixed.replaceAll("'unsafe-inline'", `'nonce-${nonce}'`) : fixed,
    );
    if (reportTo) {
      response.headers.set("Reporting-Endpoints", `csp-endpoint="${reportTo}"`);
    }
    return response;
  };
}
