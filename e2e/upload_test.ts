/**
 * Long uploads during which Redis and ingestion are killed: whoever goes on as the answers say loses nothing.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startService, until } from "../dev/testing.ts";
import { readingsKey, STREAM } from "../core/keys.ts";
import { LOAD_SITES, numbered, post } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

const LINES = 100_000;

/** Lines that are made at a time. */
const PIECE = 500;

/** Of so many lines of the CSV one is not a reading. */
const FAULTY = 1000;

const isFaulty = (index: number) => index % FAULTY === 7;

/** The reading of a number as a line of CSV, or one with a fault. */
function csvLine(index: number): string {
  const { timestamp, site_id, device_id, power_reading } = numbered(index);
  const power = isFaulty(index) ? "?" : power_reading;
  return `${timestamp},${site_id},${device_id},${power}\n`;
}

const jsonLine = (index: number) => JSON.stringify(numbered(index)) + "\n";

/** A place in a body that is not passed before it is opened, so that an upload cannot end before the blow falls. */
function gate(at: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { at, opened: promise, open: () => resolve() };
}

/** The body from a reading on, held at the gate. */
function body(
  line: (index: number) => string,
  { from = 0, header = "", held = gate(Infinity) } = {},
): ReadableStream<Uint8Array> {
  return ReadableStream.from(async function* () {
    yield header;
    for (let at = from; at < LINES; at += PIECE) {
      if (at >= held.at) await held.opened;
      const count = Math.min(PIECE, LINES - at);
      yield Array.from({ length: count }, (_, i) => line(at + i)).join("");
    }
  }()).pipeThrough(new TextEncoderStream());
}

/** Uploads; gives the answer, or nothing when the connection breaks. */
async function upload(
  url: string,
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string>,
) {
  try {
    const response = await fetch(`${url}/readings`, {
      method: "POST",
      headers: { prefer: "handling=lenient", ...headers },
      body,
    });
    // deno-lint-ignore no-explicit-any
    return { status: response.status, body: await response.json() as any };
  } catch {
    return undefined;
  }
}

/** Waits until ingestion says that it has Redis. */
function healthy(url: string): Promise<unknown> {
  return until(async () => {
    const response = await fetch(`${url}/health`);
    await response.body?.cancel();
    return response.ok;
  }, { message: "ingestion is healthy" });
}

/** Waits until so many readings are on the stream. */
function written(client: Redis, count: number): Promise<unknown> {
  return until(async () => await client.xlen(STREAM) >= count, {
    timeout: 20_000,
    message: `${count} readings are written`,
  });
}

/** Asserts that each of the readings is stored once, and those of each device in the order of the file. */
async function assertStored(client: Redis, sent: (index: number) => boolean) {
  const seen = new Uint8Array(LINES);
  for (let site = 0; site < LOAD_SITES; site++) {
    const key = readingsKey(`site-${site}`);
    const newest = new Map<string, number>();
    for (const json of await client.lrange(key, 0, -1)) {
      const { id: _, ...reading } = JSON.parse(json);
      const index = reading.power_reading;
      assertEquals(reading, numbered(index));
      assert(
        index > (newest.get(reading.device_id) ?? -1),
        `reading ${index} of ${reading.device_id} is out of order`,
      );
      newest.set(reading.device_id, index);
      seen[index]++;
    }
  }
  const wrong = Array.from(seen.keys())
    .filter((index) => seen[index] !== (sent(index) ? 1 : 0));
  assertEquals(wrong.slice(0, 10), [], `${wrong.length} lost or there twice`);
}

Deno.test("an upload with an Idempotency-Key outlives Redis and ingestion: sent again, each reading is stored once, in order", async () => {
  await using system = await startSystem({ redis: { persist: true } });
  const { client, redis, ingestion } = system;
  const { url } = ingestion;
  const headers = { "content-type": "text/csv", "idempotency-key": "upload" };
  const header = "timestamp,site_id,device_id,power_reading\n";
  const send = (held = gate(Infinity)) =>
    upload(url, body(csvLine, { header, held }), headers);

  const first = gate(60_000);
  const broken = send(first);
  await written(client, 20_000);
  await redis.kill();
  first.open();
  const told = await broken;
  assertEquals(told?.status, 503);
  const { resume_from_line, detail } = told?.body ?? {};
  assert(resume_from_line > 10_000 && resume_from_line <= 61_001);
  assertMatch(detail, /same body again with the same Idempotency-Key/);
  await redis.restart();

  const second = gate(90_000);
  let killed = false;
  const attempts: (number | undefined)[] = [];
  const cut = until(async () => {
    attempts.push((await send(second))?.status);
    return killed;
  }, { timeout: 20_000, message: "ingestion is killed" });
  await written(client, 70_000);
  killed = true;
  ingestion.kill("SIGKILL");
  await cut;
  second.open();
  assertEquals(attempts.pop(), undefined, "the connection broke");
  // Until Redis is back, and until the lock of the request before is given up. Either may be said, and the connection
  // closed, before the body is read.
  for (const status of attempts) {
    assert([undefined, 409, 503].includes(status), `answered ${status}`);
  }

  await using _again = await startService("ingestion", {
    REDIS_URL: redis.url,
    PORT: String(ingestion.port),
  });
  const taken = await until(async () => {
    const answer = await send();
    return answer?.status === 202 && answer;
  }, { timeout: 20_000, message: "the upload is taken" });
  const faulty = LINES / FAULTY;
  assertEquals(taken.body.accepted, LINES - faulty);
  assertEquals(taken.body.rejected.total, faulty);
  // One line for the header, and lines are counted from 1.
  assertEquals(taken.body.rejected.lines[1].line, FAULTY + 7 + 2);
  assertEquals((await send())?.body, taken.body);
  assertEquals(await client.xlen(STREAM), LINES - faulty);
  await system.drained();
  await assertStored(client, (index) => !isFaulty(index));
});

Deno.test("an upload without a key goes on from the line that each answer names, over a Redis that is killed or full", async () => {
  await using system = await startSystem({ redis: { persist: true } });
  const { client, redis, ingestion } = system;
  const headers = { "content-type": "application/x-ndjson" };
  let from = 0;
  /** Sends the rest up to a place, lets a blow fall there, and says what is answered to what follows. */
  const sendOver = async (at: number, blow: () => Promise<unknown>) => {
    const held = gate(at);
    const answer = upload(
      ingestion.url,
      body(jsonLine, { from, held }),
      headers,
    );
    await until(async () => {
      const metrics = await (await fetch(`${ingestion.url}/metrics`)).text();
      return metrics.includes(`\nenergy_readings_accepted_total ${at}\n`);
    }, { timeout: 20_000, message: "ingestion knows what was written" });
    await blow();
    held.open();
    const told = await answer;
    assertEquals(told?.status, 503);
    assertMatch(told?.body.type, /:redis-unavailable$/);
    assertEquals(told?.body.accepted, at - from);
    from += told?.body.resume_from_line - 1;
    assertEquals(from, at);
  };

  await sendOver(40_000, async () => {
    await redis.kill();
    // What is sent into a connection that breaks may have been taken; only a key makes that safe.
    await until(
      async () => {
        const { body } = await post(ingestion.url, numbered(0));
        return /:redis-unavailable$/.test(body.type);
      },
      { message: "ingestion knows that the connection is broken" },
    );
  });
  await redis.restart();
  await healthy(ingestion.url);
  await sendOver(70_000, () => client.config("SET", "maxmemory", "1"));
  await client.config("SET", "maxmemory", "0");
  const last = await upload(ingestion.url, body(jsonLine, { from }), headers);
  assertEquals([last?.status, last?.body.accepted], [202, 30_000]);
  await system.drained();
  await assertStored(client, () => true);
});
