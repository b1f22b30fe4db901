/**
 * The routes that do something to a site as a whole.
 *
 * @module
 */

import type { App } from "../core/app.ts";
import type { Logger } from "../core/log.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { deleteSite } from "./delete_site.ts";
import { PROBLEMS } from "./endpoint.ts";
import { checkParameters, siteParams } from "./parameters.ts";
import { problemDocument } from "./schemas.ts";

/**
 * Adds the routes.
 *
 * @param app The API.
 * @param redis The connection.
 * @param log Told which site was deleted, and by whose key.
 */
export function addSiteRoutes(app: App, redis: Redis, log: Logger): void {
  app.endpoint({
    method: "delete",
    path: "/sites/{site_id}",
    scope: "admin",
    tags: ["readings"],
    summary: "Delete a site and all that belongs to it",
    description:
      "Its readings, devices and sums are gone at once for everyone who reads. Readings of it that were accepted " +
      "but not stored yet, and those that are sent later, make it a new site, whose positions count from 0.",
    request: { params: siteParams },
    responses: {
      204: { description: "It is deleted" },
      404: {
        description: "No such site",
        content: { "application/problem+json": { schema: problemDocument } },
      },
      ...PROBLEMS,
    },
  }, async (context) => {
    const { site_id } = checkParameters(siteParams, context.req.param());
    if (!await deleteSite(redis, site_id)) {
      throw new Problem("not-found", `There is no site ${site_id}.`);
    }
    log.info("The site {site} was deleted.", {
      site: site_id,
      ...(context.env.key && { key: context.env.key.name }),
    });
    return new Response(null, { status: 204 });
  });
}
