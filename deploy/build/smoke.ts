/**
 * `frontend --smoke-test`: sends a reading through `INGESTION_URL` and waits until it comes back from
 * `PROCESSING_URL`. It is in the dashboard's image, since that is there wherever a test of the whole runs, and nothing
 * else needs to be pulled. Bundled before the dashboard itself; without the flag it does nothing.
 *
 * @module
 */

const SITE = "smoke-test";
const WITHIN_MS = 30_000;

if (Deno.args[0] === "--smoke-test") {
  try {
    console.log(await smokeTest());
    Deno.exit(0);
  } catch (error) {
    console.error(`smoke test: ${(error as Error).message}`);
    Deno.exit(1);
  }
}

async function smokeTest(): Promise<string> {
  const ingestion = Deno.env.get("INGESTION_URL") ?? "http://localhost:8000";
  const processing = Deno.env.get("PROCESSING_URL") ?? "http://localhost:8001";
  const key = Deno.env.get("API_KEY");
  const headers: Record<string, string> = key
    ? { authorization: `Bearer ${key}` }
    : {};
  const started = Date.now();
  const { id } = await patiently(started, () =>
    json(`${ingestion}/readings`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        site_id: SITE,
        device_id: "smoke-test",
        power_reading: 1500.5,
        timestamp: new Date(started).toISOString(),
      }),
    }));
  return await patiently(started, async () => {
    const url = `${processing}/sites/${SITE}/readings?order=desc&limit=100`;
    const { readings } = await json(url, { headers });
    if (!readings.some((reading: { id?: string }) => reading.id === id)) {
      throw new Error(`${id} was accepted and is not at ${url}`);
    }
    return `reading ${id} was accepted and came back after ${
      Date.now() - started
    } ms`;
  });
}

/** Tries again until the time is up: pods may still be on their way. */
async function patiently<T>(
  started: number,
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() - started > WITHIN_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

// deno-lint-ignore no-explicit-any
async function json(url: string, init: RequestInit): Promise<any> {
  const response = await fetch(url, {
    ...init,
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) {
    throw new Error(
      `${url} answered ${response.status}: ${await response.text()}`,
    );
  }
  return await response.json();
}
