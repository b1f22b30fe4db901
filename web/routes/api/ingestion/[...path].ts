/**
 * Calls of the browser to the ingestion service.
 *
 * @module
 */
import { define } from "../../../define.ts";
import { proxy } from "../../../proxy.ts";

/** Passed on as they are. */
export const handlers = define.handlers((ctx) =>
  // Not the parameter, which is decoded once: what was encoded twice could then climb out of what is allowed.
  proxy(ctx, "ingestion", ctx.url.pathname.slice("/api/ingestion/".length))
);
