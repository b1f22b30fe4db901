/**
 * Liveness: this process answers, whatever is behind it.
 *
 * @module
 */
import { define } from "../define.ts";

/** 200 always. */
export const handlers = define.handlers({ GET: () => new Response("ok\n") });
