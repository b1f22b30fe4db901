/**
 * In development: tells open pages that the server was started anew, and they reload where they were.
 *
 * @module
 */

/** Where pages listen. */
export const ALIVE_URL = "/_fresh/alive";

/**
 * Answers `ALIVE_URL` with the id of this start, and keeps the connection open.
 *
 * @param closing Ends the open connections
 * @returns The answer, or null for any other address
 */
export function liveReload(
  closing: AbortSignal,
): (req: Request) => Response | null {
  const started = String(Date.now());
  return (req) => {
    if (new URL(req.url).pathname !== ALIVE_URL) return null;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(
          new TextEncoder().encode(`retry: 300\ndata: ${started}\n\n`),
        );
        closing.addEventListener("abort", () => {
          try {
            controller.close();
          } catch {
            // The page has gone before.
          }
        });
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
