/**
 * What the processing API answers, for its OpenAPI document.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";

const device = z.object({
  device_id: z.string(),
  power_reading: z.number(),
  timestamp: z.string(),
});

const energy = {
  import_kwh: z.number(),
  export_kwh: z.number(),
};

/** A reading as it is stored. */
export const storedReading = z.object({
  site_id: z.string(),
  device_id: z.string(),
  power_reading: z.number(),
  timestamp: z.string(),
  id: z.string().meta({ description: "The id of its entry" }),
}).openapi("StoredReading");

/** `GET /sites`. */
export const sitesAnswer = z.object({
  count: z.number().int(),
  sites: z.array(z.object({
    site_id: z.string(),
    count: z.number().int(),
    last_heard: z.string(),
    devices: z.array(device),
    means: z.array(z.object({
      start: z.string(),
      mean: z.number().meta({ description: "W, the sum over its devices" }),
    })).optional(),
    today: z.object(energy).optional(),
  })),
}).openapi("Sites");

/** `GET /sites/{site_id}/readings`. */
export const readingsAnswerSchema = z.object({
  site_id: z.string(),
  count: z.number().int(),
  readings: z.array(storedReading),
}).openapi("Readings");

/** `GET /sites/{site_id}/series`. */
export const seriesAnswerSchema = z.object({
  site_id: z.string(),
  step: z.string(),
  tz: z.string(),
  from: z.string().meta({ description: "The start of the first step" }),
  to: z.string().meta({ description: "The end of the last step" }),
  devices: z.array(z.object({
    device_id: z.string(),
    points: z.array(z.object({
      start: z.string(),
      mean: z.number().nullable().meta({
        description: "W, over the part that readings cover; null when none do",
      }),
      min: z.number().nullable().meta({ description: "W" }),
      max: z.number().nullable().meta({ description: "W" }),
      ...energy,
      count: z.number().int().meta({
        description: "How many readings have their time in the step",
      }),
      coverage: z.number().meta({
        description: "The share of the step that readings cover, 0 to 1",
      }),
    })).meta({
      description: "The steps in which something is known, by time",
    }),
  })),
}).openapi("Series");

const sizes = z.object({
  count: z.number().int(),
  bytes: z.number().meta({ description: "All sites together" }),
  sites: z.array(z.object({ site_id: z.string(), bytes: z.number() })).meta({
    description: "The largest first",
  }),
});

/** `GET /pipeline/sites`. */
export const sizesAnswer = sizes.openapi("SiteSizes");

/** `GET /pipeline`. */
export const pipelineAnswer = z.object({
  stream: z.object({
    length: z.number(),
    bytes: z.number(),
    entries_added: z.number(),
  }),
  group: z.object({
    lag: z.number(),
    pending: z.number(),
    backlog: z.number(),
    consumers: z.array(
      z.object({
        name: z.string(),
        pending: z.number(),
        idle_ms: z.number(),
        alive: z.boolean(),
      }),
    ),
    blocking_groups: z.array(z.string()),
  }),
  stored: z.number(),
  dead_letters: z.number(),
  rollups: z.object({
    sites: z.number(),
    sites_behind: z.number(),
    readings: z.number(),
    readings_behind: z.number().meta({
      description: "Stored readings that are not rolled up yet",
    }),
  }).meta({ description: "How far rolling up has come" }),
  rates: z.object({ in_per_s: z.number(), out_per_s: z.number() }),
  latency: z.object({
    mean_ms: z.number().nullable(),
    max_ms: z.number().nullable(),
  }),
  redis: z.object({
    version: z.string(),
    used_memory: z.number(),
    maxmemory: z.number(),
    policy: z.string(),
    aof: z.boolean(),
    connected_clients: z.number(),
  }),
  sites: sizes,
  history: z.array(z.object({
    t: z.string(),
    in_per_s: z.number(),
    out_per_s: z.number(),
    lag: z.number(),
    pending: z.number(),
    used_memory: z.number(),
    latency_mean_ms: z.number().nullable(),
    latency_max_ms: z.number().nullable(),
  })),
}).openapi("Pipeline");

/** `GET /dead-letters`. */
export const deadLettersAnswer = z.object({
  count: z.number().int(),
  dead_letters: z.array(z.object({
    id: z.string(),
    source_id: z.string(),
    reason: z.string(),
    deliveries: z.number(),
    fields: z.record(z.string(), z.string()),
  })),
}).openapi("DeadLetters");

/** `POST /dead-letters/replay`: how many were put back, and how many stay since nothing is left of their entry. */
export const replayedAnswer = z.object({
  status: z.literal("replayed"),
  replayed: z.number().int(),
  empty: z.number().int(),
}).openapi("Replayed");

/** `POST /dead-letters/{id}/replay`: the id of its new entry. */
export const replayedOneAnswer = z.object({
  status: z.literal("replayed"),
  id: z.string(),
}).openapi("ReplayedOne");

/** `DELETE /dead-letters` and `DELETE /dead-letters/{id}`. */
export const deletedAnswer = z.object({
  status: z.literal("deleted"),
  deleted: z.number().int(),
}).openapi("Deleted");

/** An RFC 9457 problem document. */
export const problemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
}).loose().openapi("Problem");
