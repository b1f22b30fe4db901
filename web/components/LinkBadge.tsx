/**
 * Whether the page is live.
 *
 * @module
 */
import type { LinkState } from "../live/events.ts";
import { cutOff } from "../live/health.ts";

const WORDS: Record<LinkState, string> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Reconnecting",
};

/** A dot and a word; changes are announced. */
export function LinkBadge({ state }: { state: LinkState }) {
  const shown = state === "live" && cutOff.value ? "lost" : state;
  return (
    <span class={`link ${shown}`} role="status" aria-live="polite">
      <span>{WORDS[shown]}</span>
    </span>
  );
}
