/**
 * Readiness: 503 while leaving. Not the services behind it: a page that says what is away is better than none.
 *
 * @module
 */
import { define } from "../define.ts";
import { lifecycle } from "../lifecycle.ts";

/** 200 or 503. */
export const handlers = define.handlers({
  GET: () =>
    lifecycle.draining
      ? new Response("leaving\n", { status: 503 })
      : new Response("ready\n"),
});
