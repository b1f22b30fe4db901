/**
 * The overview's data: every site with its last 24 hours.
 *
 * @module
 */
import type { SiteAnswer } from "../api_types.ts";
import { getJson, ServiceError, shared } from "../services.ts";
import { type Card, trendOf } from "./cards.ts";

const HALF_HOUR = 1_800_000;
const STEPS = 48;

/** The cards for visitors of one time zone ("today" begins at their midnight), asked for once a second at most. */
export const cardsFor = shared<string, Card[]>(1_000, async (timeZone) => {
  const end = Math.ceil(Date.now() / HALF_HOUR) * HALF_HOUR;
  const since = end - STEPS * HALF_HOUR;
  const query = new URLSearchParams({
    since: new Date(since).toISOString(),
    step: "15m",
    tz: timeZone,
  });
  const { sites } = await getJson<{ sites: SiteAnswer[] }>(
    "processing",
    `/sites?${query}`,
  )
    .catch((error) => {
      // A service without history refuses the parameters.
      if (!(error instanceof ServiceError) || error.status !== 422) throw error;
      return getJson<{ sites: SiteAnswer[] }>("processing", "/sites");
    });
  return sites.map((site) => toCard(site, since));
});

function toCard(site: SiteAnswer, since: number): Card {
  return {
    id: site.site_id,
    watts: site.devices.reduce((sum, device) => sum + device.power_reading, 0),
    heard: Date.parse(site.last_heard),
    imported: site.today?.import_kwh ?? null,
    exported: site.today?.export_kwh ?? null,
    ...trendOf(halfHours(site.means ?? [], since)),
  };
}

/** Two steps of the answer make one point: as fine as a card can show. */
function halfHours(
  means: NonNullable<SiteAnswer["means"]>,
  since: number,
): (number | null)[] {
  const sums = new Array<number>(STEPS).fill(0);
  const counts = new Array<number>(STEPS).fill(0);
  for (const { start, mean } of means) {
    const step = Math.floor((Date.parse(start) - since) / HALF_HOUR);
    if (mean === null || step < 0 || step >= STEPS) continue;
    sums[step] += mean;
    counts[step]++;
  }
  const points = sums.map((sum, i) => counts[i] === 0 ? null : sum / counts[i]);
  // The half hour that has only begun is no gap.
  if (points.at(-1) === null) points.pop();
  return points;
}
