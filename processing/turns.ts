/**
 * Turns of the event loop in the midst of long work, so that other requests and probes are answered meanwhile.
 *
 * @module
 */

/** How long work goes on without a turn, in milliseconds. */
const TURN_MS = 25;

/**
 * Prepares turns.
 *
 * @returns What is to be waited for now and then: it lets the event loop turn when it has not for long.
 */
export function createTurns(): () => Promise<void> {
  let turned = performance.now();
  return async () => {
    if (performance.now() - turned <= TURN_MS) return;
    // Not by `setImmediate`: as long as there is always something to run, Deno seldom looks at its sockets.
    await new Promise((resolve) => setTimeout(resolve, 0));
    turned = performance.now();
  };
}
