import { assert, assertEquals, assertRejects } from "../testing/assert.ts";
import { lastDay } from "./backfill.ts";
import { METERS, type Reading, readMeter } from "./meters.ts";
import { createOutbox, createSend } from "./send.ts";
import { until } from "../until.ts";

/** An ingestion that answers what it is told to, one answer after the other, and 202 from then on. */
function fakeIngestion(...answers: Response[]) {
  const requests: { key: string | null; body: Reading[]; at: number }[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const key = request.headers.get("idempotency-key");
      requests.push({ key, body: await request.json(), at: performance.now() });
      return answers.shift() ?? new Response("{}", { status: 202 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const batch = [readMeter(METERS[0], Date.UTC(2025, 0))];

Deno.test("createSend() repeats what was refused, as late as Retry-After asks, under the same key", async () => {
  await using ingestion = fakeIngestion(
    new Response("", { status: 503, headers: { "retry-after": "1" } }),
  );
  await createSend({ url: ingestion.url, say: () => {} })(batch, "one");
  const [first, second] = ingestion.requests;
  assertEquals([first.key, second.key], ["one", "one"]);
  assertEquals(second.body, first.body);
  assert(second.at - first.at >= 990);
});

Deno.test("createSend() gives up what can never be taken", async () => {
  await using ingestion = fakeIngestion(
    new Response("no such key", { status: 401 }),
  );
  const send = createSend({ url: ingestion.url, say: () => {} });
  await assertRejects(() => send(batch, "one"), /401: no such key/);
});

Deno.test("createOutbox() loses nothing while ingestion refuses, and keeps the order", async () => {
  await using ingestion = fakeIngestion(
    new Response("", { status: 429, headers: { "retry-after": "1" } }),
  );
  const outbox = createOutbox(
    createSend({ url: ingestion.url, say: () => {} }),
    () => {},
  );
  const sent = [1, 2, 3, 4].map((hour) =>
    readMeter(METERS[0], Date.UTC(2025, 0, 1, hour))
  );
  for (const reading of sent) outbox.add([reading]);
  await until(() => ingestion.requests.length === 5);
  assertEquals(ingestion.requests.slice(1).flatMap(({ body }) => body), sent);
});

Deno.test("createOutbox() gives up the oldest that waits when it is full", async () => {
  const taken: number[] = [];
  const gate = Promise.withResolvers<void>();
  const said: string[] = [];
  const outbox = createOutbox(
    async ([reading]) => {
      await gate.promise;
      taken.push(reading.power_reading);
    },
    (line) => said.push(line),
    3,
  );
  for (const power_reading of [1, 2, 3, 4]) {
    outbox.add([{ ...batch[0], power_reading }]);
  }
  gate.resolve();
  await until(() => taken.length === 3);
  assertEquals([taken, said.length], [[1, 3, 4], 1]);
});

Deno.test("lastDay() has one reading a minute of each meter, oldest first, in batches that ingestion takes", () => {
  const batches = [...lastDay(METERS, Date.UTC(2025, 0, 2, 12, 0, 30))];
  assert(batches.every(({ length }) => length <= 5000));
  const readings = batches.flat();
  assertEquals(readings.length, 1440 * METERS.length);
  assertEquals(readings[0].timestamp, "2025-01-01T12:00:00.000Z");
  assertEquals(readings.at(-1)!.timestamp, "2025-01-02T11:59:00.000Z");
});
