/**
 * Whether the page is live.
 *
 * @module
 */
import type { LinkState } from "../live/events.ts";

const WORDS: Record<LinkState, string> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Reconnecting",
};

/** A dot and a word; changes are announced. */
export function LinkBadge({ state }: { state: LinkState }) {
  return (
    <span class={`link ${state}`} role="status" aria-live="polite">
      <span>{WORDS[state]}</span>
    </span>
  );
}
