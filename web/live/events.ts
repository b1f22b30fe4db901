/**
 * Server-sent events that come back by themselves, and give their connection up while the page is hidden.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";

/** Where a connection is. */
export type LinkState = "connecting" | "live" | "lost";

/** An open stream. */
export interface Events {
  state: Signal<LinkState>;
  close(): void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/**
 * Opens a stream.
 *
 * @param url Of this origin
 * @param handlers What each kind of event does
 */
export function listen(
  url: string,
  handlers: Record<string, (data: string) => void>,
): Events {
  const state = signal<LinkState>("connecting");
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retry = FIRST_RETRY_MS;
  let ended = false;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(
        name,
        (event) => handle((event as MessageEvent<string>).data),
      );
    }
    source.onopen = () => {
      retry = FIRST_RETRY_MS;
      state.value = "live";
    };
    // The browser itself gives up on an answer that is not 200, such as that of a service away.
    source.onerror = () => {
      state.value = "lost";
      source?.close();
      timer = setTimeout(open, retry * (0.75 + Math.random() / 2));
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    };
  }

  // HTTP/1.1 has six connections for all tabs of an origin.
  function onVisibility() {
    clearTimeout(timer);
    if (document.hidden) {
      source?.close();
      state.value = "connecting";
    } else if (!ended) open();
  }
  document.addEventListener("visibilitychange", onVisibility);
  // A page in the back-forward cache must not hold one either.
  addEventListener("pagehide", () => source?.close());
  if (!document.hidden) open();

  return {
    state,
    close() {
      ended = true;
      clearTimeout(timer);
      source?.close();
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
