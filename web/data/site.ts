/**
 * What a site's page needs.
 *
 * @module
 */
import type { DeviceNow, SiteAnswer, StoredReading } from "../api_types.ts";
import { getAnswer, getJson, ServiceError, shared } from "../services.ts";

const sites = shared<string, SiteAnswer[]>(
  1_000,
  async () =>
    (await getJson<{ sites: SiteAnswer[] }>("processing", "/sites")).sites,
);

/**
 * A site's devices and how many readings it has; none for one that was never heard.
 *
 * @param siteId The site
 * @param isHeard Whether it is known to have readings, so that the sites of a second ago may lack it
 */
export async function siteOf(
  siteId: string,
  isHeard = false,
): Promise<{ devices: DeviceNow[]; count: number }> {
  const known = await sites(isHeard ? siteId : "");
  const site = known.find(({ site_id }) => site_id === siteId);
  return { devices: site?.devices ?? [], count: site?.count ?? 0 };
}

/** A page of readings. */
export interface ReadingsPage {
  readings: StoredReading[];
  /** For the next page; null on the last. */
  cursor: string | null;
}

/** How many rows a page has. */
const ROWS = 20;

/** Asks for a page of readings. */
export async function readingsOf(siteId: string, query: {
  order: "asc" | "desc";
  cursor: string | null;
  device: string | null;
  from?: number;
  to?: number;
}): Promise<ReadingsPage> {
  const params = new URLSearchParams({
    order: query.order,
    limit: String(ROWS),
  });
  if (query.cursor !== null) params.set("cursor", query.cursor);
  if (query.device !== null) params.set("device_id", query.device);
  if (query.from !== undefined) {
    params.set("from", new Date(query.from).toISOString());
  }
  if (query.to !== undefined) {
    params.set("to", new Date(query.to).toISOString());
  }
  let response: Response;
  try {
    response = await getAnswer(
      "processing",
      `/sites/${encodeURIComponent(siteId)}/readings?${params}`,
    );
  } catch (error) {
    if (
      query.from !== undefined && error instanceof ServiceError &&
      error.status === 422
    ) {
      // A service without history refuses the range; what else is wrong it says without one, too.
      return readingsOf(siteId, { ...query, from: undefined, to: undefined });
    }
    throw error;
  }
  const next = response.headers.get("link")?.match(/<([^>]*)>;\s*rel="?next"?/)
    ?.[1];
  const cursor = next === undefined
    ? null
    : new URL(next, "http://localhost").searchParams.get("cursor");
  return { readings: (await response.json()).readings, cursor };
}
