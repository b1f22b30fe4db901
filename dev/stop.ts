/**
 * Being asked to stop.
 *
 * @module
 */

import { untilOrphaned } from "./orphan.ts";

/**
 * Listens for Ctrl-C, SIGTERM, the end of the terminal, and the end of whoever started this process.
 *
 * @returns Aborted once it is to stop.
 */
export function askedToStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => stop.abort());
  }
  untilOrphaned().then(() => stop.abort());
  return stop.signal;
}

/**
 * Waits for a signal.
 *
 * @param signal The signal.
 * @returns Resolves when it is aborted.
 */
export function aborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("aborted");
    signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
}
