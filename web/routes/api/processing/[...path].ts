/**
 * Calls of the browser to the processing service.
 *
 * @module
 */
import { define } from "../../../define.ts";
import { proxy } from "../../../proxy.ts";

/** Passed on as they are. */
export const handlers = define.handlers((ctx) =>
  // Not the parameter, which is decoded once: what was encoded twice could then climb out of what is allowed.
  proxy(ctx, "processing", ctx.url.pathname.slice("/api/processing/".length))
);
