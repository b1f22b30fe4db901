/**
 * The site that an address names.
 *
 * @module
 */
import { HttpError } from "fresh";

/**
 * Reads the site's name out of the parameters of a route. Fresh leaves what means something in an address as it
 * came, so that `plant:a`, linked to as `plant%3Aa`, still has its `%3A`.
 *
 * @param params `ctx.params`
 * @throws {HttpError} 404 for what is not well-formed
 */
export function siteIdOf({ site_id }: Record<string, string>): string {
  try {
    return decodeURIComponent(site_id);
  } catch {
    throw new HttpError(404);
  }
}
