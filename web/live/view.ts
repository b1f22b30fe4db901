/**
 * The range that the chart of the page shows, shared by the islands that say it.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { Range } from "../data/range.ts";

/** Null until the chart has another range than the page came with. */
export const shownRange: Signal<Range | null> = signal(null);
