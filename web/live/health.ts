/**
 * How the parts are, for all islands of a page: the header asks.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";
import type { Health } from "../data/health.ts";

/** What the header heard last; null until it has started. */
export const heardHealth = signal<Health | null>(null);

/** Nothing new can come, though the connection that it would come by stands. */
export const cutOff = computed(() => {
  const parts = heardHealth.value;
  return parts !== null &&
    (parts.processing !== "healthy" || parts.redis !== "healthy");
});
