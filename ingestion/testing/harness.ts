/**
 * Ingestion in this process, on a Redis of its own, for the tests beside it.
 *
 * @module
 */

import { Redis } from "ioredis";
import { createAuth } from "../../core/auth.ts";
import { loadConfig } from "../../core/config.ts";
import { STREAM } from "../../core/keys.ts";
import { createLifecycle } from "../../core/lifecycle.ts";
import { createLog } from "../../core/log.ts";
import { connectRedis } from "../../core/redis.ts";
import { keepWire } from "../../core/wire.ts";
import { testRedis, type TestRedisOptions, until } from "../../dev/testing.ts";
import { createIngestion } from "../app.ts";
import { watchBacklog } from "../backlog.ts";
import { ingestionSettings } from "../config.ts";
import { createHeldBodies } from "../held_bodies.ts";
import { createIngestionMetrics } from "../metrics.ts";
import { createPublisher } from "../publish.ts";

/** A reading as a client sends it. */
export const READING = {
  site_id: "site-001",
  device_id: "meter-42",
  power_reading: 1500.5,
  timestamp: "2024-01-15T10:30:00Z",
};

/** The media types, briefly. */
export const JSON_TYPE = { "content-type": "application/json" };
export const NDJSON = { "content-type": "application/x-ndjson" };
export const CSV = { "content-type": "text/csv" };
export const LENIENT = { prefer: "handling=lenient" };

/** An answer with its body parsed. */
export interface Answered {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  body: any;
}

/**
 * Starts ingestion and waits until it is ready.
 *
 * @param env Its settings, besides where Redis is.
 * @param options Which kind of Redis is needed.
 * @returns The app, and ways to look at what it does; dispose of it at the end.
 */
export async function startIngestion(
  env: Record<string, string> = {},
  options: TestRedisOptions = {},
) {
  const server = await testRedis(options);
  const config = loadConfig(ingestionSettings, {
    REDIS_URL: server.url,
    REDIS_TIMEOUT_MS: "400",
    LOG_LEVEL: "error",
    ...env,
  });
  const log = await createLog("ingestion-test", config);
  const redis = connectRedis(config, { name: "ingestion-test" }, log);
  const metrics = createIngestionMetrics();
  const lifecycle = createLifecycle();
  const streamRedis = connectRedis(config, {
    name: "ingestion-test-stream",
    blocking: true,
  });
  const wire = keepWire(streamRedis, config.REDIS_TIMEOUT_MS);
  const publisher = createPublisher(wire, metrics);
  const backlog = watchBacklog({
    redis: wire,
    publisher,
    log,
    max: config.MAX_BACKLOG,
    onSample: () => lifecycle.started = true,
  });
  metrics.showBacklog(() => backlog.readings);
  const auth = createAuth(config);
  const bodies = createHeldBodies();
  const app = createIngestion({
    config,
    log,
    redis,
    wire,
    auth,
    metrics,
    lifecycle,
    publisher,
    backlog,
    bodies,
  });
  /** A connection of the test's own, which waits where the service's would not. */
  const client = new Redis(server.url, { maxRetriesPerRequest: null });
  client.on("error", () => {});
  await until(() => lifecycle.started, { message: "ingestion is ready" });
  const post = async (
    body: BodyInit | null,
    headers: Record<string, string> = JSON_TYPE,
  ): Promise<Answered> => {
    const response = await app.request("/readings", {
      method: "POST",
      body,
      headers,
    });
    const { status, headers: answered } = response;
    return { status, headers: answered, body: await response.json() };
  };
  return {
    app,
    backlog,
    bodies,
    client,
    metrics,
    publisher,
    redis,
    streamRedis,
    server,
    post,
    /** Posts a value as JSON. */
    postJson: (value: unknown, headers: Record<string, string> = {}) =>
      post(JSON.stringify(value), { ...JSON_TYPE, ...headers }),
    /** The stream's entries, each as its fields in order. */
    entries: async () =>
      (await client.xrange(STREAM, "-", "+")).map(([id, fields]) => ({
        id,
        fields,
      })),
    [Symbol.asyncDispose]: async () => {
      backlog.stop();
      auth.stop();
      redis.disconnect();
      streamRedis.disconnect();
      client.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Ingestion as {@linkcode startIngestion} gives it. */
export type Ingestion = Awaited<ReturnType<typeof startIngestion>>;
