/**
 * Where this process is between its start and its end.
 *
 * @module
 */
import { createLifecycle, type Lifecycle } from "../core/lifecycle.ts";

const closing = new AbortController();

/** Ready until SIGTERM. */
export const lifecycle: Lifecycle = createLifecycle(closing.signal);

/** Ends what would never end by itself: the events passed on to browsers. */
export function close() {
  closing.abort();
}
