/**
 * The processing API: what is stored, as lists and as events, and how the pipeline does.
 *
 * @module
 */

import { type App, type AppDeps, createApp } from "../core/app.ts";
import { memoryPolicyHealth } from "../core/memory_policy.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { addDeadLetterRoutes } from "./dead_letter_routes.ts";
import { get, PROBLEMS } from "./endpoint.ts";
import { eventsAnswer, type EventSource } from "./events.ts";
import { addExportRoutes } from "./export_routes.ts";
import { addHistoryRoutes } from "./history_routes.ts";
import type { ProcessingMetrics } from "./metrics.ts";
import { createOverview } from "./overview_live.ts";
import {
  checkParameters,
  readingsQuery,
  resumeHeaders,
  siteParams,
} from "./parameters.ts";
import { addPipelineRoutes } from "./pipeline_routes.ts";
import { readWindow } from "./positions.ts";
import { readRange } from "./range.ts";
import {
  CHUNK,
  readChunks,
  readCursor,
  readPage,
  writeCursor,
} from "./readings.ts";
import { formatOf, readingsAnswer } from "./readings_answer.ts";
import { readingsAnswerSchema } from "./schemas.ts";
import { addSiteRoutes } from "./site_routes.ts";
import { followSite } from "./site_live.ts";
import type { Subscriber } from "./subscriber.ts";

/** What the API is made of. */
export interface ProcessingDeps
  extends Omit<AppDeps, "service" | "about" | "ping"> {
  redis: Redis;
  subscriber: Subscriber;
  counts: ProcessingMetrics;
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/**
 * Makes the API.
 *
 * @param deps What it is made of.
 * @returns The app.
 */
export function createProcessing(deps: ProcessingDeps): App {
  const { redis, subscriber, counts, lifecycle } = deps;
  const app = createApp({
    ...deps,
    service: "processing-service",
    about: "Stores readings per site and serves them.",
    ping: () => redis.ping(),
    health: async () => ({
      ...await deps.health?.(),
      ...await memoryPolicyHealth(redis),
    }),
  });
  const overview = createOverview(redis, subscriber);
  const follow = (stream: "all" | "site", source: EventSource) => {
    counts.followers.inc({ stream });
    const close = source.close;
    return eventsAnswer({
      ...source,
      close: () => (counts.followers.dec({ stream }), close()),
    }, lifecycle.closing);
  };

  addHistoryRoutes(app, redis, deps.maxGapMs);
  addExportRoutes(app, redis);

  app.endpoint({
    ...get("/sites/{site_id}/readings", "A site's readings"),
    description:
      "All of them, sent as a stream, unless `limit` asks for a page; a site that nobody has heard of has " +
      "none. `from` and `to` narrow them by their timestamps, to the millisecond, wherever they are in the " +
      "order processed. `Accept` chooses JSON, NDJSON or CSV.",
    request: { params: siteParams, query: readingsQuery },
    responses: {
      200: {
        description:
          'The readings; behind a page with more to come, `Link: rel="next"`',
        content: {
          "application/json": { schema: readingsAnswerSchema },
          "application/x-ndjson": { schema: { type: "string" } },
          "text/csv": { schema: { type: "string" } },
        },
      },
      ...PROBLEMS,
    },
  }, async (context) => {
    const { site_id } = checkParameters(siteParams, context.req.param());
    const { limit, cursor, order = "asc", device_id, ...given } =
      checkParameters(readingsQuery, context.req.query());
    const range = readRange(given);
    const query = { siteId: site_id, deviceId: device_id, order, ...range };
    const from = {
      ...query,
      position: cursor === undefined ? undefined : readCursor(cursor, query),
    };
    const format = formatOf(context);
    if (limit !== undefined) {
      const page = await readPage(redis, from, limit);
      const headers: Record<string, string> = {};
      if (page.next !== undefined) {
        const url = new URL(context.req.url);
        url.searchParams.set("cursor", writeCursor(query, page.next));
        headers.link = `<${url.pathname}${url.search}>; rel="next"`;
      }
      return readingsAnswer(
        site_id,
        format,
        only(page.jsons),
        page.jsons.length,
        headers,
      );
    }
    // What fails here, before the first byte, is still an error that the client can be told.
    const { base, end } = await readWindow(redis, site_id);
    if (end - base <= CHUNK) {
      // All fit into one read, so their number can be said first.
      const { jsons } = await readPage(redis, from, CHUNK);
      return readingsAnswer(site_id, format, only(jsons), jsons.length);
    }
    return readingsAnswer(site_id, format, readChunks(redis, from, end));
  });

  app.endpoint({
    ...get(
      "/sites/{site_id}/live",
      "Events: each of a site's readings as it is stored",
    ),
    description:
      "Event `reading`, its data a stored reading, its id the position in the site's list. " +
      "`Last-Event-ID` resumes without a gap; behind one that retention has removed it goes on at the oldest " +
      "reading that is left.",
    request: { params: siteParams, headers: resumeHeaders },
    responses: { 200: EVENTS, ...PROBLEMS },
  }, async (context) => {
    const { site_id } = checkParameters(siteParams, context.req.param());
    return follow(
      "site",
      await followSite(
        redis,
        subscriber,
        site_id,
        lastEventId(context.req.header("last-event-id")),
      ),
    );
  });

  app.endpoint({
    ...get("/live", "Events: the newest reading of every device of every site"),
    description:
      "Event `snapshot` with all, then events `update` with what changed, at most four a second, and again a " +
      "`snapshot` when a site was deleted: " +
      '`{"sites":{"site-001":{"last_heard":…,"devices":[…]}}}`.',
    responses: { 200: EVENTS, ...PROBLEMS },
  }, () => follow("all", overview()));

  addPipelineRoutes(app, redis);
  addSiteRoutes(app, redis, deps.log);
  addDeadLetterRoutes(app, redis);
  return app;
}

const EVENTS = {
  description: "Server-sent events",
  content: { "text/event-stream": { schema: { type: "string" as const } } },
};

async function* only(chunk: string[]): AsyncGenerator<string[]> {
  yield await Promise.resolve(chunk);
}

function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === "") return undefined;
  if (/^\d{1,15}$/.test(header)) return Number(header);
  throw new Problem(
    "invalid",
    "The header Last-Event-ID must be the id of an event that was sent from here.",
    {
      errors: [{
        parameter: "Last-Event-ID",
        detail: "must be the id of an event that was sent from here",
      }],
    },
  );
}
