/**
 * What goes in as a file comes back equal, in each form.
 *
 * @module
 */

import { assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import type { Sent } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

const COUNT = 8000;
const HEADER = "site_id,device_id,power_reading,timestamp";

/** Four devices in turn, one reading a minute each; powers of every kind that a meter sends, and then some. */
const READINGS: Sent[] = Array.from({ length: COUNT }, (_, index) => ({
  site_id: "house-1",
  device_id: `meter_${index % 4}`,
  power_reading: power(index),
  timestamp: new Date(Date.UTC(2024, 2, 30) + Math.floor(index / 4) * 60_000)
    .toISOString().replace(".000Z", "Z"),
}));

function power(index: number): number {
  if (index % 1000 === 0) return 0;
  if (index % 997 === 0) return 1e9 - index / 7;
  if (index % 499 === 0) return index * 1e-9;
  return Math.round(Math.sin(index) * 4_000_000) / 1000;
}

const csv = (columns: (keyof Sent)[], readings: Sent[], end: string) =>
  [
    columns.join(","),
    ...readings.map((reading) => columns.map((name) => reading[name]).join()),
  ].join(end) + end;

async function roundTrip(body: string, type: string): Promise<void> {
  await using system = await startSystem();
  const posted = await fetch(`${system.ingestion.url}/readings`, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  const answer = await posted.json();
  assertEquals([posted.status, answer.accepted], [202, COUNT]);
  const url = `${system.replicas[0].url}/sites/house-1/readings`;
  const get = async (accept: string) =>
    await (await fetch(url, { headers: { accept } })).text();
  const document = await until(async () => {
    const document = JSON.parse(await get("application/json"));
    return document.count === COUNT && document;
  }, { message: "all are stored" });
  assertEquals(document.readings.map(withoutId), READINGS);
  assertEquals(document.readings[0].id, answer.first_id);
  assertEquals(document.readings.at(-1).id, answer.last_id);

  const lines = (await get("application/x-ndjson")).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line)), document.readings);

  const table = await get("text/csv");
  const fields = HEADER.split(",") as (keyof Sent)[];
  assertEquals(table, csv(fields, READINGS, "\r\n"));

  let pages: unknown[] = [];
  let next: string | undefined = `${url}?limit=3000&device_id=meter_2`;
  while (next !== undefined) {
    const response: Response = await fetch(next);
    pages = pages.concat((await response.json()).readings);
    const link = /<(.*)>; rel="next"/.exec(response.headers.get("link") ?? "");
    next = link ? new URL(link[1], url).href : undefined;
  }
  assertEquals(
    pages,
    document.readings.filter((it: Sent) => it.device_id === "meter_2"),
  );
}

function withoutId({ id: _, ...reading }: Sent & { id: string }): Sent {
  return reading;
}

Deno.test("a CSV file of 8,000 readings comes back equal and in order, as JSON, NDJSON, CSV and in pages", () =>
  roundTrip(
    csv(
      ["timestamp", "power_reading", "site_id", "device_id"],
      READINGS,
      "\r\n",
    ),
    "text/csv",
  ));

Deno.test("an NDJSON file of 8,000 readings comes back equal and in order", () =>
  roundTrip(
    READINGS.map((reading) => JSON.stringify(reading) + "\n").join(""),
    "application/x-ndjson",
  ));
