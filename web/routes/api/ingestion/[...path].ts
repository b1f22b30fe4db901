/**
 * Calls of the browser to the ingestion service.
 *
 * @module
 */
import { define } from "../../../define.ts";
import { proxy } from "../../../proxy.ts";

/** Passed on as they are. */
export const handlers = define.handlers((ctx) =>
  proxy(ctx, "ingestion", ctx.params.path)
);
