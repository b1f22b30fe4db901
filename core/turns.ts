/**
 * Turns of the event loop in the midst of long work, so that other requests and probes are answered meanwhile.
 *
 * @module
 */

/** How long work goes on without a turn, in milliseconds. */
const TURN_MS = 25;

/** The turns of one piece of work. */
export interface Turns {
  /** Lets the event loop turn if it has not for long; to be waited for now and then. */
  turn(): Promise<void>;
  /** Takes note that the loop has just turned, for the work has waited for something outside. */
  turned(): void;
}

/**
 * Prepares turns.
 *
 * @returns The turns of work that begins now.
 */
export function createTurns(): Turns {
  let last = performance.now();
  const turned = () => void (last = performance.now());
  return {
    turned,
    async turn() {
      if (performance.now() - last <= TURN_MS) return;
      // Not by `setImmediate`: as long as there is always something to run, Deno seldom looks at its sockets.
      await new Promise((resolve) => setTimeout(resolve, 0));
      turned();
    },
  };
}
