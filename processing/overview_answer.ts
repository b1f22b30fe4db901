/**
 * Writing an overview.
 *
 * @module
 */

import type { SiteSums } from "./overview.ts";
import type { Site } from "./sites.ts";

/**
 * Sends an overview.
 *
 * @param sites The sites.
 * @param all What each sums up to; one that is not among them came meanwhile, and is left out.
 * @param bounds The start of each step and, last, the end.
 * @returns The answer.
 */
export function overviewAnswer(
  sites: Site[],
  all: Map<string, SiteSums>,
  bounds: number[],
): Response {
  // Of some hundred sites with some hundred steps each, writing is a good part of the work.
  const starts = bounds.map((start) =>
    `{"start":"${new Date(start).toISOString()}","mean":`
  );
  const parts: string[] = [];
  for (const site of sites) {
    const sums = all.get(site.site_id);
    if (sums === undefined) continue;
    const { means, importKwh, exportKwh } = sums;
    let text = "";
    for (let step = 0; step < means.length; step++) {
      if (Number.isNaN(means[step])) continue;
      text += (text === "" ? "" : ",") + starts[step] + means[step] + "}";
    }
    parts.push(
      `${JSON.stringify(site).slice(0, -1)},"means":[${text}],"today":{` +
        `"import_kwh":${importKwh},"export_kwh":${exportKwh}}}`,
    );
  }
  return new Response(
    `{"count":${parts.length},"sites":[${parts.join(",")}]}`,
    { headers: { "content-type": "application/json" } },
  );
}
