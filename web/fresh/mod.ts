/**
 * The part of Fresh 2's public API that the dashboard uses, with the same types and behaviour.
 * Fresh itself is published on JSR alone; mapping `"fresh"` to `jsr:@fresh/core@^2` runs the same source on it.
 *
 * @module
 */
export { App } from "./app.ts";
export type { Context } from "./context.ts";
export { csp, type CSPOptions } from "./csp.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { createDefine, type Define } from "./define.ts";
export { HttpError } from "./error.ts";
export {
  type HandlerByMethod,
  type HandlerFn,
  type Method,
  page,
  type PageResponse,
  type RouteHandler,
} from "./handlers.ts";
export { staticFiles } from "./static_files.ts";
export type {
  LayoutConfig,
  Middleware,
  PageProps,
  ResolvedFreshConfig,
  RouteConfig,
} from "./types.ts";
