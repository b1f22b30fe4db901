/**
 * In development: tells open pages that the server was started anew, and they reload where they were.
 *
 * @module
 */
import type { Middleware } from "./types.ts";

/** Where pages listen. */
export const ALIVE_URL = "/_fresh/alive";

/** Answers `ALIVE_URL` with the id of this start, and keeps the connection open. */
export function liveReload<State>(): Middleware<State> {
  const started = String(Date.now());
  return async (ctx) => {
    if (ctx.url.pathname !== ALIVE_URL) return await ctx.next();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(
          new TextEncoder().encode(`retry: 300\ndata: ${started}\n\n`),
        );
      },
    });
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
      },
    });
  };
}
