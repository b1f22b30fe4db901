/**
 * Calls of the browser to the processing service.
 *
 * @module
 */
import { define } from "../../../define.ts";
import { proxy } from "../../../proxy.ts";

/** Passed on as they are. */
export const handlers = define.handlers((ctx) =>
  proxy(ctx, "processing", ctx.params.path)
);
