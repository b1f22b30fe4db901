/**
 * Writing an overview.
 *
 * @module
 */

import type { SiteSums } from "./overview_sums.ts";
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
  const behind = starts.map((start) => `},${start}`);
  const encoder = new TextEncoder();
  // About as much as it takes, rather more than less.
  let body = new Uint8Array(sites.reduce(
    (sum, { devices }) => sum + 300 + 120 * devices.length + 64 * starts.length,
    65_536,
  ));
  let length = 0;
  // Each site's part is made bytes at once: text that is put together and kept until the end is most of what the
  // garbage collector has to do.
  const write = (text: string) => {
    // A character takes three bytes at most.
    if (body.length - length < 3 * text.length) {
      const larger = new Uint8Array(2 * body.length + 3 * text.length);
      larger.set(body);
      body = larger;
    }
    length += encoder.encodeInto(text, body.subarray(length)).written;
  };
  // Joined, and not added to one another, which leaves more to the garbage collector.
  const parts: (string | number)[] = [];
  const known = sites.filter(({ site_id }) => all.has(site_id));
  write(`{"count":${known.length},"sites":[`);
  known.forEach((site, index) => {
    const { means, importKwh, exportKwh } = all.get(site.site_id)!;
    parts.length = 0;
    parts.push(index === 0 ? "" : ",", JSON.stringify(site).slice(0, -1));
    parts.push(`,"means":[`);
    let form = starts;
    for (let step = 0; step < means.length; step++) {
      if (Number.isNaN(means[step])) continue;
      parts.push(form[step], means[step]);
      form = behind;
    }
    parts.push(form === starts ? "" : "}", `],"today":{"import_kwh":`);
    parts.push(importKwh, `,"export_kwh":`, exportKwh, "}}");
    write(parts.join(""));
  });
  write("]}");
  return new Response(body.subarray(0, length), {
    headers: { "content-type": "application/json" },
  });
}
