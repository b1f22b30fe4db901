/**
 * Ingestion turns readings away while too many wait, and takes them again afterwards.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { STREAM } from "../core/keys.ts";
import { countStored, eachOnce, numberedBatch, post } from "./testing/load.ts";
import { backlog, startSystem } from "./testing/system.ts";

const MAX = 1000, BATCH = 100, CLIENTS = 4;

Deno.test("ingestion answers 503 with Retry-After once MAX_BACKLOG readings wait, and takes more once they are processed", async () => {
  await using system = await startSystem({
    replicas: 0,
    ingestion: { MAX_BACKLOG: String(MAX) },
  });
  const { client, ingestion } = system;
  let next = 0;
  const refusals: Awaited<ReturnType<typeof post>>[] = [];
  const poster = async () => {
    while (next < 10 * MAX) {
      const first = next;
      next += BATCH;
      const answer = await post(ingestion.url, numberedBatch(first, BATCH));
      if (answer.status === 202) continue;
      refusals.push(answer);
      return;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, poster));
  assertEquals(refusals.length, CLIENTS, "each client meets the limit");
  for (const { status, headers, body } of refusals) {
    assertEquals(status, 503);
    assertMatch(body.type, /:backlog$/);
    assertMatch(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  }
  const length = await client.xlen(STREAM);
  assert(length >= MAX && length < MAX + CLIENTS * BATCH, `${length} wait`);
  assertEquals(await backlog(client), length, "a refused batch is not written");
  const again = await post(ingestion.url, numberedBatch(0, 1));
  assertEquals(again.status, 503, "it stays so while nothing is processed");

  await system.startReplica();
  await system.drained();
  await until(
    async () =>
      (await post(ingestion.url, [numberedBatch(next, 1)[0]])).status === 202,
    { message: "readings are taken again" },
  );
  await system.drained();
  assertEquals((await countStored(client, length)).stored, length + 1);
});

Deno.test("a client that waits as Retry-After says gets everything through a small MAX_BACKLOG, once", async () => {
  await using system = await startSystem({
    replicas: 0,
    ingestion: { MAX_BACKLOG: "300" },
    processing: { BATCH_SIZE: "10" },
  });
  const { client, ingestion } = system;
  let refused = 0;
  for (let first = 0; first < 3000; first += BATCH) {
    await until(async () => {
      const { status } = await post(ingestion.url, numberedBatch(first, BATCH));
      // Nothing is processed before the limit is met: where processing is quick, it might never be.
      if (status === 503 && refused++ === 0) await system.startReplica();
      return status === 202;
    }, { message: "the batch is taken" });
  }
  await system.drained();
  assertEquals(await countStored(client, 3000), eachOnce(3000));
});
