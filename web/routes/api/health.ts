/**
 * The health of the parts, for the header.
 *
 * @module
 */
import { healthOfParts } from "../../data/health.ts";
import { define } from "../../define.ts";

/** 200 with the state of each part. */
export const handlers = define.handlers({
  GET: async () =>
    Response.json(await healthOfParts(""), {
      headers: { "cache-control": "no-store" },
    }),
});
