/**
 * One site's readings as they are stored, shared by all islands of its page.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { StoredReading } from "../api_types.ts";
import { type Events, listen } from "./events.ts";

/** The newest reading; islands subscribe to it. */
export const newest: Signal<StoredReading | null> = signal(null);

/** Where the connection is. */
export const siteLink: Signal<"connecting" | "live" | "lost"> = signal(
  "connecting",
);

let events: Events | null = null;
let users = 0;

/** Opens the one connection for a site, or joins it; the returned function leaves. */
export function joinSite(siteId: string): () => void {
  if (users++ === 0) {
    events = listen(
      `/api/processing/sites/${encodeURIComponent(siteId)}/live`,
      {
        reading: (data) => newest.value = JSON.parse(data),
      },
    );
    events.state.subscribe((state) => siteLink.value = state);
  }
  return () => {
    if (--users === 0) events?.close();
  };
}
