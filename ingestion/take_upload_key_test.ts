import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { streamOf } from "./testing/cut.ts";
import {
  CSV,
  type Ingestion,
  LENIENT,
  NDJSON,
  startIngestion,
} from "./testing/harness.ts";
import { lines, powers, processAll, range, upload } from "./testing/uploads.ts";

const encoder = new TextEncoder();

Deno.test("a lenient upload with an Idempotency-Key goes on where it broke off, and is answered again as a whole", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "up" };
  const head = lines(1, 1500) + "bad\n";
  const whole = head + lines(1502, 2500);
  const broken = (async function* () {
    yield encoder.encode(head + lines(1502, 800));
    await until(async () => (await h.entries()).length === 1999);
    throw new Error("gone");
  })();
  const first = await upload(h, streamOf(broken), key);
  assertEquals(first.status, 400);
  assertEquals([first.body.accepted, first.body.resume_from_line], [
    1999,
    2001,
  ]);
  const second = await upload(h, whole, key);
  assertEquals(second.status, 202);
  assertEquals([second.body.accepted, second.body.rejected.total], [4000, 1]);
  assertEquals(second.body.rejected.lines[0].line, 1501);
  const again = await upload(h, whole, key);
  assertEquals(again.body, second.body);
  const entries = await h.entries();
  assertEquals(
    [second.body.first_id, second.body.last_id],
    [entries[0].id, entries.at(-1)?.id],
  );
  assertEquals(await powers(h), [...range(1, 1500), ...range(1502, 2500)]);
});

Deno.test("a CSV with a key goes on where it broke off, also when a line that is too long comes before its header", async () => {
  await using h = await startIngestion();
  const key = { ...CSV, ...LENIENT, "idempotency-key": "up" };
  const rows = range(1, 1500).map((power) =>
    `site-001,meter-42,${power},2024-01-15T10:30:00Z\n`
  );
  const header = "site_id,device_id,power_reading,timestamp\n";
  const body = "#".repeat(70_000) + "\n" + header + rows.join("");
  const broken = (async function* () {
    yield encoder.encode(body);
    await until(async () => (await h.entries()).length === 999);
    throw new Error("gone");
  })();
  assertEquals((await h.post(streamOf(broken), key)).status, 400);
  const { status, body: answer } = await h.post(body, key);
  assertEquals([status, answer.accepted], [202, 1500]);
  assertEquals(
    answer.rejected.lines.map(({ line }: { line: number }) => line),
    [
      1,
    ],
  );
  assertEquals(await powers(h), range(1, 1500));
});

Deno.test("the key of an upload does not fit another body, shorter, longer or different", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "up" };
  const body = lines(1, 1200);
  assertEquals((await upload(h, body, key)).status, 202);
  for (const other of [lines(1, 1199), lines(1, 1201), lines(2, 1200)]) {
    const { status, body } = await upload(h, other, key);
    assertEquals(status, 422);
    assertMatch(body.type, /idempotency-mismatch/);
  }
  assertEquals((await h.post(body, { ...NDJSON, ...key })).status, 422);
  assertEquals((await h.entries()).length, 1200);
});

/** Sends 2,000 lines, of which the first 1,000 are written and the last 500 wait for `release()`. */
async function startSlow(h: Ingestion, key: Record<string, string>) {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const slow = (async function* () {
    yield encoder.encode(lines(1, 1500));
    await held;
    yield encoder.encode(lines(1501, 500));
  })();
  const first = upload(h, streamOf(slow), key);
  await until(async () => (await h.entries()).length === 1000);
  return { first, release };
}

Deno.test("a second upload with the key of one under way is 409, and what follows it is not", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "up" };
  const { first, release } = await startSlow(h, key);
  const second = await upload(h, lines(1, 2000), key);
  assertEquals(second.status, 409);
  assert(second.headers.has("retry-after"));
  release();
  assertEquals((await first).status, 202);
  assertEquals((await upload(h, lines(1, 2000), key)).status, 202);
  assertEquals(await powers(h), range(1, 2000));
});

Deno.test("an upload whose lock was lost to another does not write after it", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "up" };
  const { first, release } = await startSlow(h, key);
  // As after a pause of the process that is longer than the lock holds.
  await h.client.del(...await h.client.keys("idempotency:*:lock"));
  assertEquals((await upload(h, lines(1, 2000), key)).status, 202);
  release();
  assertEquals((await first).status, 409);
  assertEquals(await powers(h), range(1, 2000));
});

Deno.test("an upload with a key that waited for room and broke off then goes on where it did", async () => {
  await using h = await startIngestion({ MAX_BACKLOG: "1000" });
  const key = { "idempotency-key": "up" };
  const broken = (async function* () {
    yield encoder.encode(lines(1, 1000));
    await until(async () => (await h.entries()).length === 1000);
    // This part waits for room, and lines of the next are read meanwhile.
    yield encoder.encode(lines(1001, 1000));
    yield encoder.encode(lines(2001, 300));
    await processAll(h);
    await until(async () => (await h.entries()).length === 2000);
    throw new Error("gone");
  })();
  const first = await upload(h, streamOf(broken), key);
  assertEquals([first.status, first.body.resume_from_line], [400, 2001]);
  await processAll(h);
  await until(() => h.backlog.readings === 0);
  const second = await upload(h, lines(1, 2500), key);
  assertEquals([second.status, second.body.accepted], [202, 2500]);
  assertEquals(await powers(h), range(1, 2500));
});
