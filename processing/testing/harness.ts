/**
 * What the tests of processing start from: connections, consumers and an app on a Redis of their own.
 *
 * @module
 */

import { createAuth } from "../../core/auth.ts";
import { loadConfig } from "../../core/config.ts";
import { ensureGroup } from "../../core/ensure_group.ts";
import { GROUP, STREAM } from "../../core/keys.ts";
import { createLifecycle } from "../../core/lifecycle.ts";
import { createLog } from "../../core/log.ts";
import { createMetrics } from "../../core/metrics.ts";
import { connectRedis, type Redis } from "../../core/redis.ts";
import {
  type TestRedis,
  testRedis,
  type TestRedisOptions,
  until,
} from "../../dev/testing.ts";
import { createProcessing } from "../app.ts";
import { processingSettings } from "../config.ts";
import { type ConsumerDeps, startConsumer } from "../consumer.ts";
import { createProcessingMetrics } from "../metrics.ts";
import { createSubscriber } from "../subscriber.ts";

/** A Redis with what processing needs around it. */
export type Harness = Awaited<ReturnType<typeof createHarness>>;

/**
 * Starts a Redis, with stream and group.
 *
 * @param options What kind of Redis.
 * @param settings Settings of processing that differ from their defaults.
 * @returns The harness; dispose of it at the end of the test.
 */
export async function createHarness(
  options: TestRedisOptions = {},
  settings: Record<string, string> = {},
) {
  const server: TestRedis = await testRedis(options);
  const config = loadConfig(processingSettings, {
    REDIS_URL: server.url,
    LOG_LEVEL: "error",
    ...settings,
  });
  const log = await createLog("test", config);
  const connections: Redis[] = [];
  const stops: (() => Promise<void>)[] = [];
  const connect = async (blocking = false) => {
    const redis = connectRedis(config, { name: "test", blocking });
    connections.push(redis);
    await until(() => redis.status === "ready", {
      message: "Redis is connected",
    });
    return redis;
  };
  const redis = await connect();
  await ensureGroup(redis);

  return {
    server,
    config,
    redis,
    connect,
    /** Adds readings to the stream as ingestion does. */
    add: async (
      readings: {
        site?: string;
        device?: string;
        power: number | string;
        at?: string;
      }[],
    ) => {
      const ids: string[] = [];
      for (
        const {
          site = "site-001",
          device = "meter-1",
          power,
          at = "2024-01-15T10:30:00Z",
        } of readings
      ) {
        ids.push(
          (await redis.xadd(
            STREAM,
            "*",
            "site_id",
            site,
            "device_id",
            device,
            "power_reading",
            power,
            "timestamp",
            at,
          ))!,
        );
      }
      return ids;
    },
    /** Starts a consumer of its own name. */
    consume: async (name: string, deps: Partial<ConsumerDeps> = {}) => {
      const consumer = startConsumer({
        redis: await connect(),
        groupRedis: await connect(true),
        config,
        name,
        log,
        metrics: createProcessingMetrics(createMetrics()),
        ...deps,
      });
      stops.push(consumer.stop);
      return consumer;
    },
    /** The API on this Redis. */
    app: async () => {
      const metrics = createMetrics();
      const closing = new AbortController();
      stops.push(() => Promise.resolve(closing.abort()));
      const lifecycle = createLifecycle(closing.signal);
      lifecycle.started = true;
      return createProcessing({
        redis,
        subscriber: createSubscriber(await connect()),
        auth: createAuth({}),
        log,
        metrics,
        counts: createProcessingMetrics(metrics),
        lifecycle,
        maxGapMs: config.MAX_GAP,
      });
    },
    /** Reads entries as a consumer that then does nothing with them. */
    deliver: (name: string, count: number) =>
      redis.xreadgroup(
        "GROUP",
        GROUP,
        name,
        "COUNT",
        count,
        "STREAMS",
        STREAM,
        ">",
      ),
    /** The powers stored for a site, in order. */
    powers: async (site = "site-001") =>
      (await redis.lrange(`site_readings:${site}`, 0, -1)).map((json) =>
        JSON.parse(json).power_reading as number
      ),
    pending: async () => Number((await redis.xpending(STREAM, GROUP))[0]),
    [Symbol.asyncDispose]: async () => {
      for (const stop of stops) await stop();
      for (const connection of connections) connection.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}
