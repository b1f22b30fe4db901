/**
 * One clock for all that says "ago".
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import { IS_BROWSER } from "fresh/runtime";

/** Now, in steps of five seconds. */
export const now: Signal<number> = signal(Date.now());

if (IS_BROWSER) {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 5_000);
}
