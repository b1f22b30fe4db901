/**
 * Waiting for a service before it is sent anything: what it is asked before it is ready is a 503, of which it warns.
 *
 * @module
 */

import { until } from "../until.ts";

/** How long a service may take before its absence is worth a line. */
const PATIENCE_MS = 3000;

/**
 * Waits until a service is ready, however long it takes.
 *
 * @param url The service, such as `http://localhost:8000`.
 * @param say Told when it takes long, and when it is there after that.
 */
export async function untilReady(
  url: string,
  say: (line: string) => void,
): Promise<void> {
  const isReady = async () => {
    const response = await fetch(`${url}/readyz`, {
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    // A gateway in front may show the API alone, and answer 404.
    return response.status < 500;
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    say(`waits for ${url} to be ready`);
  }, PATIENCE_MS);
  await until(isReady, { timeout: Infinity });
  clearTimeout(timer);
  if (late) say(`${url} is ready`);
}
