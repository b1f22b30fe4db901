/**
 * The routes that tell how the pipeline does.
 *
 * @module
 */

import type { App } from "../core/app.ts";
import type { Redis } from "../core/redis.ts";
import { get, json, PROBLEMS } from "./endpoint.ts";
import { checkParameters, sizesQuery } from "./parameters.ts";
import { describePipeline } from "./pipeline.ts";
import { pipelineAnswer, sizesAnswer } from "./schemas.ts";
import { listSizes } from "./site_sizes.ts";

/** How many of the largest sites `/pipeline` names. */
const LARGEST = 10;

/**
 * Adds the routes.
 *
 * @param app The API.
 * @param redis The connection.
 */
export function addPipelineRoutes(app: App, redis: Redis): void {
  app.endpoint({
    ...get("/pipeline", "How the pipeline does: the same from every replica"),
    responses: {
      ...json(
        "Stream, group, dead letters, rates, Redis, the largest sites, and the last hour",
        pipelineAnswer,
      ),
      ...PROBLEMS,
    },
  }, async () => {
    const [pipeline, sites] = await Promise.all([
      describePipeline(redis),
      listSizes(redis, 0, LARGEST),
    ]);
    return Response.json({ ...pipeline, sites });
  });

  app.endpoint({
    ...get(
      "/pipeline/sites",
      "What each site takes in Redis's memory, the largest first",
    ),
    description:
      "Readings, devices, index and sums together, in bytes; measured once a minute, large keys by samples.",
    request: { query: sizesQuery },
    responses: { ...json("A page", sizesAnswer), ...PROBLEMS },
  }, async (context) => {
    const { limit = 100, cursor = 0 } = checkParameters(
      sizesQuery,
      context.req.query(),
    );
    const sizes = await listSizes(redis, cursor, limit);
    const next = cursor + limit;
    return Response.json(sizes, {
      headers: next < sizes.count
        ? {
          link: `</pipeline/sites?limit=${limit}&cursor=${next}>; rel="next"`,
        }
        : {},
    });
  });
}
