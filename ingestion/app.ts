/**
 * Ingestion's HTTP API.
 *
 * @module
 */

import { type App, type AppDeps, createApp } from "../core/app.ts";
import { memoryPolicyHealth } from "../core/memory_policy.ts";
import type { Redis } from "../core/redis.ts";
import type { ScriptClient } from "../core/script.ts";
import type { Backlog } from "./backlog.ts";
import type { IngestionConfig } from "./config.ts";
import { readForm } from "./form.ts";
import type { HeldBodies } from "./held_bodies.ts";
import type { IngestionMetrics } from "./metrics.ts";
import { postReadings } from "./openapi.ts";
import type { Publisher } from "./publish.ts";
import { takeBatch } from "./take_batch.ts";
import { takeUpload } from "./take_upload.ts";

/** The service's name and what it does. */
export const SERVICE = "ingestion-api";

/** One line on what it does. */
export const ABOUT =
  "Takes the readings of energy meters, checks them and hands them on.";

/** What ingestion is made of. */
export interface IngestionDeps
  extends Pick<AppDeps, "auth" | "log" | "lifecycle"> {
  config: IngestionConfig;
  redis: Redis;
  /** The connection that readings are sent on. */
  wire: ScriptClient;
  publisher: Publisher;
  backlog: Backlog;
  /** The bodies that are read whole, which share memory. */
  bodies: HeldBodies;
  metrics: IngestionMetrics;
}

/**
 * Makes the API.
 *
 * @param deps What it is made of.
 * @returns The app.
 */
export function createIngestion(deps: IngestionDeps): App {
  const { backlog, redis, wire } = deps;
  const app = createApp({
    ...deps,
    service: SERVICE,
    about: ABOUT,
    // Healthy is who can take readings: one connection may be back before the other.
    ping: () => Promise.all([redis.ping(), wire.call("ping", [])]),
    health: async () => ({
      backlog: backlog.readings,
      ...await memoryPolicyHealth(redis),
    }),
  });
  app.direct(postReadings, (request, state) => {
    const form = readForm(state.header);
    const take = form.lenient && form.type !== "application/json"
      ? takeUpload
      : takeBatch;
    return take(deps, request, form, state);
  });
  return app;
}
