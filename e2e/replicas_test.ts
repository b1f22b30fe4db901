/**
 * Processing replicas that are killed, stalled, stopped and added under load.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { DEAD_STREAM } from "../core/keys.ts";
import { countStored, eachOnce, startLoad } from "./testing/load.ts";
import {
  consumerOf,
  consumers,
  startSystem,
  stopHolding,
} from "./testing/system.ts";

/** What the dead leave is taken over sooner, and batches are small, so that a signal falls into one. */
const QUICK = { CLAIM_IDLE_MS: "1000", BATCH_SIZE: "100" };

Deno.test("three replicas, one killed and one added under load: every reading is stored once", async () => {
  await using system = await startSystem({ replicas: 3, processing: QUICK });
  const { client, ingestion, replicas } = system;
  const load = startLoad(ingestion.url);
  await until(() => load.taken > 3000, { message: "the load has begun" });
  const [victim] = replicas;
  await stopHolding(client, victim);
  victim.kill("SIGKILL");
  await victim.exited;
  assert((await consumerOf(client, victim))!.pending > 0, "it held entries");
  const added = await system.startReplica();
  const before = load.taken;
  await until(() => load.taken > before + 3000, { message: "it goes on" });
  const { taken } = await load.stop();
  await system.drained();
  assertEquals(await countStored(client, taken), eachOnce(taken));
  assertEquals(await client.xlen(DEAD_STREAM), 0);
  assert(await consumerOf(client, added), "the new one is in the group");
  await until(async () => await consumerOf(client, victim) === undefined, {
    timeout: 20_000,
    message: "the dead one's name is gone",
  });
});

Deno.test("a replica that stalls until another has taken over what it holds, and then goes on, stores none of it again", async () => {
  await using system = await startSystem({ replicas: 2, processing: QUICK });
  const { client, ingestion, replicas: [stalled] } = system;
  const load = startLoad(ingestion.url);
  for (let round = 0; round < 3; round++) {
    const before = load.taken;
    await until(() => load.taken > before + 1000, { message: "it goes on" });
    await stopHolding(client, stalled);
    const held = async () => (await consumerOf(client, stalled))?.pending;
    await until(async () => await held() === 0, {
      timeout: 20_000,
      message: "what it held is taken over",
    });
    stalled.kill("SIGCONT");
  }
  const { taken } = await load.stop();
  await system.drained();
  // By its end the stalled one has come to the end of what it had read.
  assertEquals((await stalled.stop()).code, 0);
  assertEquals(await countStored(client, taken), eachOnce(taken));
});

Deno.test("a replica that gets SIGTERM under load leaves the group, ends with 0, and nothing is lost", async () => {
  await using system = await startSystem({ processing: QUICK });
  const { client, ingestion, replicas } = system;
  const load = startLoad(ingestion.url);
  await until(() => load.taken > 2000, { message: "the load has begun" });
  await stopHolding(client, replicas[0]);
  const stopped = replicas[0].stop();
  replicas[0].kill("SIGCONT");
  const { code, signal } = await stopped;
  assertEquals([code, signal], [0, null]);
  assertEquals(await consumers(client), [], "its name is given up");
  const { taken } = await load.stop();
  await system.startReplica();
  await system.drained();
  assertEquals(await countStored(client, taken), eachOnce(taken));
  assertEquals(await client.xlen(DEAD_STREAM), 0);
});

Deno.test("replicas that come and go one after the other under load store every reading once", async () => {
  await using system = await startSystem({ replicas: 2, processing: QUICK });
  const { client, ingestion } = system;
  const load = startLoad(ingestion.url);
  let former = system.replicas;
  for (let round = 0; round < 2; round++) {
    const fresh = await Promise.all(former.map(() => system.startReplica()));
    const before = load.taken;
    await until(() => load.taken > before + 1000);
    const ends = await Promise.all(former.map((replica) => replica.stop()));
    assertEquals(ends.map(({ code }) => code), [0, 0]);
    former = fresh;
  }
  const { taken } = await load.stop();
  await system.drained();
  assertEquals(await countStored(client, taken), eachOnce(taken));
  assertEquals((await consumers(client)).length, 2);
});
