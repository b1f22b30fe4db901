/**
 * What retention takes from the readings stays in the series.
 *
 * @module
 */

import { metaKey, readingsKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import {
  difference,
  household,
  MAIN,
  plainLoop,
  SITE,
} from "./testing/household.ts";
import { LOAD_SITES, post, startLoad } from "./testing/load.ts";
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

Deno.test("a Redis that becomes full takes readings again once retention has made room", async () => {
  await using system = await startSystem({
    redis: {
      extraArgs: ["--maxmemory", "24mb", "--maxmemory-policy", "noeviction"],
    },
    processing: {
      SITE_READINGS_MAX: "1000",
      STREAM_RETENTION: "1s",
      STREAM_MAX_BYTES: "1MiB",
    },
  });
  const { client, ingestion, replicas: [{ url }] } = system;
  const load = startLoad(ingestion.url, { batch: 500 });
  await until(() => load.taken >= 250_000, {
    timeout: 120_000,
    message: "250,000 readings are taken",
  });
  const { taken, retries } = await load.stop();
  assert(retries > 0, "Redis was full");
  await system.drained();
  let stored = 0;
  for (let site = 0; site < LOAD_SITES; site++) {
    const name = `site-${site}`;
    stored += Number(await client.hget(metaKey(name), "base")) +
      await client.llen(readingsKey(name));
    const answer = await fetch(`${url}/sites/${name}/readings?limit=1`);
    assertEquals((await answer.json()).count, 1);
  }
  assertEquals(stored, taken);
});
