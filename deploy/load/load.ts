/**
 * Sends readings at a steady rate, each with a device of its own, so that afterwards it can be said of every single
 * one whether it was stored, and how often.
 *
 * @module
 */

/** How the load is made. */
export interface LoadOptions {
  /** The ingestion API. */
  url: string;
  /** The site that all readings are of. */
  site: string;
  /** Requests a second. */
  rate: number;
  /** Readings in each request. */
  batch: number;
  /** An API key, when the services ask for one. */
  apiKey?: string;
  /** Ends it. */
  signal: AbortSignal;
}

/** What became of the requests. */
export interface LoadResult {
  /** Devices of the readings that were answered 202. */
  accepted: string[];
  /** Requests that were answered otherwise or not at all, by what happened. */
  failed: Record<string, number>;
  /** The time that the slowest hundredth took at least, in milliseconds. */
  p99: number;
}

/**
 * Sends until it is told to stop, and waits for what is under way.
 *
 * @param options How.
 * @returns What became of it.
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const accepted: string[] = [];
  const failed: Record<string, number> = {};
  const times: number[] = [];
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  for (let sent = 0; !options.signal.aborted; sent++) {
    // Against the clock and not after each answer: a service that slows down does not slow the load down.
    const due = started + sent * 1000 / options.rate - performance.now();
    if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
    const devices = Array.from(
      { length: options.batch },
      (_, i) => `d${sent}-${i}`,
    );
    const request = send(options, devices).then(
      (ms) => {
        times.push(ms);
        accepted.push(...devices);
      },
      (error: Error) => {
        failed[error.message] = (failed[error.message] ?? 0) + 1;
      },
    ).finally(() => underWay.delete(request));
    underWay.add(request);
  }
  await Promise.all(underWay);
  times.sort((a, b) => a - b);
  return {
    accepted,
    failed,
    p99: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
  };
}

async function send(options: LoadOptions, devices: string[]): Promise<number> {
  const started = performance.now();
  const timestamp = new Date().toISOString();
  const readings = devices.map((device_id, i) => ({
    site_id: options.site,
    device_id,
    power_reading: i,
    timestamp,
  }));
  const response = await fetch(`${options.url}/readings`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}),
    },
    body: JSON.stringify(readings.length === 1 ? readings[0] : readings),
    signal: AbortSignal.timeout(30_000),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(String(response.status));
  return performance.now() - started;
}
