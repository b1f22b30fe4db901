/**
 * Energy out of the rollups, whatever the order of the readings and whoever is killed.
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
  shuffled,
  SITE,
} from "./testing/household.ts";
import { post, type Sent } from "./testing/load.ts";
import { startSystem, type System } from "./testing/system.ts";

async function energy(url: string, step: string): Promise<number[]> {
  const response = await fetch(
    `${url}/sites/${SITE}/series?step=${step}&device_id=${MAIN}` +
      "&from=2006-12-17&to=2006-12-18&tz=UTC",
  );
  const { devices } = await response.json();
  return (devices[0]?.points ?? []).map((point: { import_kwh: number }) =>
    point.import_kwh
  );
}

async function checkEnergy(url: string, readings: Sent[]): Promise<void> {
  const { day, hours } = plainLoop(readings);
  const days = await energy(url, "1d"), byHour = await energy(url, "1h");
  assert(difference(days, [day]) <= 1e-9, `${days} is not ${day}`);
  assert(difference(byHour, hours) <= 1e-9, `${byHour} is not ${hours}`);
}

/** Waits until the roller has come to the end of the list. */
async function rolledUp({ client }: System, count: number): Promise<void> {
  await until(
    async () => Number(await client.hget(metaKey(SITE), "rolled")) === count,
    { timeout: 60_000, message: "all is rolled up" },
  );
}

Deno.test("a household's energy by day and by hour is that of a plain loop", async () => {
  await using system = await startSystem();
  const readings = household();
  const { status } = await post(system.ingestion.url, readings);
  assertEquals(status, 202);
  await system.drained();
  await checkEnergy(system.replicas[0].url, readings);
  await rolledUp(system, readings.length);
  await checkEnergy(system.replicas[0].url, readings);
});

Deno.test("posted in random order while processing is killed ten times, it still is", async () => {
  await using system = await startSystem({
    replicas: 2,
    processing: { CLAIM_IDLE_MS: "1000", BATCH_SIZE: "100" },
  });
  const { client, ingestion } = system;
  const readings = household(), order = shuffled(readings);
  const replicas = [...system.replicas];
  const share = order.length / 10;
  for (let kill = 0; kill < 10; kill++) {
    const before = await client.llen(readingsKey(SITE));
    const some = order.slice(kill * share, (kill + 1) * share);
    assertEquals((await post(ingestion.url, some)).status, 202);
    const asked = energy(replicas[0].url, "1h").catch(() => {});
    // In the middle of storing, while another asks, which rolls up, too.
    await until(async () => await client.llen(readingsKey(SITE)) > before);
    const victim = replicas.shift()!;
    victim.kill("SIGKILL");
    await victim.exited;
    await asked;
    replicas.push(await system.startReplica());
  }
  await system.drained();
  assertEquals(await client.llen(readingsKey(SITE)), readings.length);
  await checkEnergy(replicas[0].url, readings);
  await rolledUp(system, readings.length);
  await checkEnergy(replicas[1].url, readings);
});
