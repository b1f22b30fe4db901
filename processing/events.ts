/**
 * Server-sent events.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */

/** How often a comment is sent where nothing else is, so that what stands between notices who is gone. */
const KEEP_ALIVE_MS = 15_000;

/** How long a client may take nothing while something waits for it, before it is dropped. */
const STALLED_MS = 30_000;

/** What a stream of events is fed by. */
export interface EventSource {
  /**
   * Gives what is there to send now.
   *
   * @returns Whole events, or an empty string when there is nothing; then `changed` says when to ask again.
   */
  take(): Promise<string> | string;
  /** Called with what to call when there may be something to take. */
  subscribe(changed: () => void): void;
  /** The client is gone, or was dropped. */
  close(): void;
}

/**
 * Answers with events. Nothing is buffered for a client that does not keep up: what is next is only taken from
 * the source once the client has room, and one that takes nothing for long is dropped.
 *
 * @param source What to send.
 * @param closing Aborted when the service ends.
 * @returns The answer.
 */
export function eventsAnswer(
  source: EventSource,
  closing: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  let changed = true, taking = false, ended = false;
  let sentAt = Date.now();
  let stop = () => {};
  let pull = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (error?: Error) => {
        if (ended) return;
        ended = true;
        clearInterval(timer);
        closing.removeEventListener("abort", onClosing);
        source.close();
        try {
          if (error === undefined) controller.close();
          else controller.error(error);
        } catch { /* The client has gone already. */ }
      };
      const onClosing = () => end();
      const send = (text: string) => {
        controller.enqueue(encoder.encode(text));
        sentAt = Date.now();
      };
      const pump = async (): Promise<void> => {
        if (taking || ended) return;
        taking = true;
        try {
          while (changed && !ended && (controller.desiredSize ?? 0) > 0) {
            changed = false;
            const text = await source.take();
            if (text !== "" && !ended) {
              changed = true;
              send(text);
            }
          }
        } catch (error) {
          end(error as Error);
        }
        taking = false;
      };
      stop = end;
      pull = pump;
      const timer = setInterval(() => {
        const quiet = Date.now() - sentAt;
        if ((controller.desiredSize ?? 0) > 0) {
          if (quiet >= KEEP_ALIVE_MS) send(":\n\n");
        } else if (quiet >= STALLED_MS) {
          end(new Error("the client does not keep up"));
        }
      }, KEEP_ALIVE_MS / 3);
      closing.addEventListener("abort", onClosing);
      source.subscribe(() => {
        changed = true;
        pump();
      });
      send("retry: 2000\n\n");
      pump();
      if (closing.aborted) end();
    },
    pull: () => pull(),
    cancel: () => stop(),
  }, { highWaterMark: 4 });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    },
  });
}
