/**
 * What retention takes from the readings stays in the series.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import {
  difference,
  household,
  MAIN,
  plainLoop,
  SITE,
} from "./testing/household.ts";
import { post } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

Deno.test("readings beyond SITE_READINGS_MAX go by whole blocks once they are rolled up, and their energy stays", async () => {
  await using system = await startSystem({
    processing: { SITE_READINGS_MAX: "2500" },
  });
  const { client, ingestion, replicas: [{ url }] } = system;
  const readings = household();
  assertEquals((await post(ingestion.url, readings)).status, 202);
  await system.drained();
  const over = readings.length - 2500;
  const left = readings.length - 1000 * Math.floor(over / 1000);
  await until(async () => await client.llen(readingsKey(SITE)) === left, {
    timeout: 60_000,
    message: `${left} readings are left`,
  });
  const list = await fetch(`${url}/sites/${SITE}/readings?limit=1`);
  const { readings: [oldest] } = await list.json();
  assertEquals(
    oldest.timestamp,
    readings[readings.length - left].timestamp,
  );
  const series = await fetch(
    `${url}/sites/${SITE}/series?step=1d&device_id=${MAIN}` +
      "&from=2006-12-17&to=2006-12-18&tz=UTC",
  );
  const { devices } = await series.json();
  const kwh = devices[0].points.map((point: { import_kwh: number }) =>
    point.import_kwh
  );
  const { day } = plainLoop(readings);
  assert(difference(kwh, [day]) <= 1e-9, `${kwh} is not ${day}`);
});
