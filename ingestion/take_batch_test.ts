import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import { gzip } from "./testing/cut.ts";
import {
  CSV,
  JSON_TYPE,
  LENIENT,
  NDJSON,
  READING,
  startIngestion,
} from "./testing/harness.ts";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const FIELDS = [
  "site_id",
  "site-001",
  "device_id",
  "meter-42",
  "power_reading",
  "1500.5",
  "timestamp",
  "2024-01-15T10:30:00Z",
];

Deno.test("POST /readings writes one reading, with its fields in order and its trace", async () => {
  await using h = await startIngestion();
  const answer = await h.postJson(READING);
  const traced = await h.postJson(READING, { traceparent: TRACE });
  assertEquals(answer.status, 202);
  assertEquals(await h.entries(), [
    { id: answer.body.id, fields: FIELDS },
    { id: traced.body.id, fields: [...FIELDS, "traceparent", TRACE] },
  ]);
  assertEquals(Object.keys(answer.body), ["status", "id"]);
  const [group] = await h.client.xinfo("GROUPS", STREAM) as unknown[][];
  assertEquals(group[1], GROUP);
});

Deno.test("POST /readings takes a batch as JSON, NDJSON and CSV, compressed or not", async () => {
  await using h = await startIngestion();
  const { site_id, device_id, power_reading, timestamp } = READING;
  const json = JSON.stringify([READING, READING]);
  const lines = `${JSON.stringify(READING)}\n`.repeat(2);
  const row = `${timestamp},${power_reading},${site_id},${device_id}\r\n`;
  const csv = `\ufefftimestamp,power_reading,site_id,device_id\r\n${row}${row}`;
  for (
    const [body, type] of [
      [json, { "content-type": "Application/JSON; charset=UTF-8" }],
      [lines, NDJSON],
      [csv, CSV],
    ] as const
  ) {
    for (
      const [sent, encoding] of [
        [body, {}],
        [await gzip(body), { "content-encoding": "gzip" }],
      ] as const
    ) {
      await h.client.xtrim(STREAM, "MAXLEN", 0);
      const { status, body: answer } = await h.post(sent, {
        ...type,
        ...encoding,
      } as Record<string, string>);
      assertEquals(status, 202, JSON.stringify(answer));
      const entries = await h.entries();
      assertEquals(entries.map(({ fields }) => fields), [FIELDS, FIELDS]);
      assertEquals(answer, {
        status: "accepted",
        accepted: 2,
        first_id: entries[0].id,
        last_id: entries[1].id,
      });
    }
  }
});

Deno.test("POST /readings writes nothing of a batch with a fault, lists a hundred faults and counts all", async () => {
  await using h = await startIngestion();
  const { status, body } = await h.postJson([
    READING,
    ...Array.from(
      { length: 150 },
      () => ({ ...READING, power_reading: "secret" }),
    ),
  ]);
  assertEquals(status, 422);
  assertEquals(body.total, 150);
  assertEquals(body.errors.length, 100);
  assertEquals(body.errors[0], {
    pointer: "/1/power_reading",
    detail: "must be a finite number",
    kind: "string",
  });
  assert(!JSON.stringify(body).includes("secret"));
  assertEquals(await h.entries(), []);
});

Deno.test("what has come of a large body counts as held until it is taken, and no longer when it breaks off", async () => {
  await using h = await startIngestion();
  const text = `[${new Array(1000).fill(JSON.stringify(READING))}]`;
  const bytes = new TextEncoder().encode(text);
  const keys: Record<string, string>[] = [{}, { "idempotency-key": "k" }];
  for (const key of keys) {
    for (const whole of [true, false]) {
      let body!: ReadableStreamDefaultController<Uint8Array>;
      const answer = h.post(
        new ReadableStream({ start: (it) => void (body = it) }),
        { ...JSON_TYPE, ...key },
      );
      body.enqueue(bytes.subarray(0, 90_000));
      await until(() => h.bodies.bytes === 90_000);
      if (whole) {
        body.enqueue(bytes.subarray(90_000));
        body.close();
      } else body.error(new Error("gone"));
      assertEquals((await answer).status, whole ? 202 : 400);
      assertEquals(h.bodies.bytes, 0);
    }
  }
});

Deno.test("a small body does not wait for the memory that large ones share, with a key or without", async () => {
  await using h = await startIngestion();
  using large = h.bodies.open();
  await large.grow(9_000_000);
  const text = JSON.stringify(READING);
  const sent = { ...JSON_TYPE, "content-length": `${text.length}` };
  assertEquals((await h.post(text, sent)).status, 202);
  const keyed = { ...sent, "idempotency-key": "k" };
  assertEquals((await h.post(text, keyed)).status, 202);
});

Deno.test("POST /readings takes the last of two equal keys, and other methods are told so", async () => {
  await using h = await startIngestion();
  const twice = JSON.stringify(READING).replace("{", '{"power_reading":"x",');
  assertEquals((await h.post(twice)).status, 202);
  const other = await h.app.request("/readings", { method: "PUT" });
  await other.body?.cancel();
  assertEquals([other.status, other.headers.get("allow")], [405, "POST"]);
});

Deno.test("a lenient JSON array is taken but for what is wrong in it", async () => {
  await using h = await startIngestion();
  const answer = await h.postJson(
    [READING, { ...READING, site_id: 5 }],
    LENIENT,
  );
  assertEquals(answer.status, 202);
  assertEquals(answer.headers.get("preference-applied"), "handling=lenient");
  assertEquals(answer.body.accepted, 1);
  assertEquals(answer.body.rejected, {
    total: 1,
    lines: [{
      pointer: "/1/site_id",
      detail: "must be a string",
      kind: "number",
    }],
  });
  assertEquals((await h.entries()).length, 1);
  const none = await h.postJson({ a: 1 }, LENIENT);
  assertEquals([none.status, none.body.accepted, none.body.first_id], [
    202,
    0,
    null,
  ]);
});

Deno.test("each answer has the request's id: the client's if that is sane, else a new one", async () => {
  await using h = await startIngestion();
  const sent = { "x-request-id": "request-77" };
  for (const body of [READING, [READING], { ...READING, site_id: 1 }]) {
    const answer = await h.postJson(body, sent);
    assertEquals(answer.headers.get("x-request-id"), "request-77");
    const bad = await h.postJson(body, { "x-request-id": "a b" });
    assertMatch(bad.headers.get("x-request-id")!, /^[0-9a-f]{12}-[0-9a-z]+$/);
  }
});

Deno.test("the metrics count what was taken and what was not", async () => {
  await using h = await startIngestion();
  await h.postJson([READING, READING]);
  await h.postJson({ ...READING, site_id: 1 });
  const value = async (name: string) => {
    const text = await (await h.app.request("/metrics")).text();
    const line = text.split("\n").find((line) => line.startsWith(name + " "));
    return Number(line?.split(" ").at(-1));
  };
  assertEquals(await value("energy_readings_accepted_total"), 2);
  assertEquals(
    await value('energy_readings_rejected_total{reason="invalid"}'),
    1,
  );
  assertEquals(await value("energy_batch_readings_sum"), 2);
  assertEquals(await value("energy_publish_duration_seconds_count"), 1);
  await until(async () => await value("energy_backlog_readings") === 2);
});
