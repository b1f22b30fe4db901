import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { gzip, streamOf } from "./testing/cut.ts";
import { CSV, LENIENT, startIngestion } from "./testing/harness.ts";
import { lines, powers, processAll, range, upload } from "./testing/uploads.ts";

const encoder = new TextEncoder();

Deno.test("a lenient upload takes what is valid, in order, and lists the rest", async () => {
  await using h = await startIngestion();
  const body = lines(1, 1500) + '{"site_id":5}\n' + lines(1502, 1500) + "x";
  const { status, headers, body: answer } = await upload(h, body);
  assertEquals(status, 202);
  assertEquals(headers.get("preference-applied"), "handling=lenient");
  assertEquals(answer.accepted, 3000);
  assertEquals(answer.rejected.total, 2);
  assertEquals(
    answer.rejected.lines.map((line: { line: number; column: number }) =>
      line.line
    ),
    [1501, 3002],
  );
  assertEquals(await powers(h), [...range(1, 1500), ...range(1502, 1500)]);
  const entries = await h.entries();
  assertEquals(
    [answer.first_id, answer.last_id],
    [entries[0].id, entries.at(-1)?.id],
  );
});

Deno.test("a lenient upload lists a hundred of the rejected and counts all, compressed or not", async () => {
  await using h = await startIngestion();
  const csv = "site_id,device_id,power_reading,timestamp\n" +
    "s,d,x,2024-01-15T10:30:00Z\n".repeat(5000) + "s,d,1,2024-01-15T10:30:00Z";
  const { body } = await h.post(await gzip(csv), {
    ...CSV,
    ...LENIENT,
    "content-encoding": "gzip",
  });
  assertEquals([body.accepted, body.rejected.total], [1, 5000]);
  assertEquals(body.rejected.lines.length, 100);
  assertEquals(body.rejected.lines[0].line, 2);
  assertEquals(body.rejected.lines[0].pointer, "/power_reading");
});

Deno.test("a lenient upload may be larger than a batch, and not larger than MAX_UPLOAD_BYTES", async () => {
  await using h = await startIngestion({
    MAX_BATCH: "10",
    MAX_BODY_BYTES: "1KiB",
    MAX_UPLOAD_BYTES: "1MiB",
  });
  assertEquals((await upload(h, lines(1, 3000))).body.accepted, 3000);
  const large = () =>
    streamOf(
      Array.from(
        { length: 20 },
        (_, i) => encoder.encode(lines(i * 1000, 1000)),
      ),
    );
  const { status, body } = await upload(h, large());
  assertEquals(status, 413);
  assert(body.accepted > 1000);
  assertEquals(body.resume_from_line, body.accepted + 1);
  assertEquals((await h.entries()).length, 3000 + body.accepted);
  assertMatch(body.detail, /Send it in parts\. .* Send the rest again, from/);
  // The same body would be too large again.
  const keyed = await upload(h, large(), { "idempotency-key": "a" });
  assertMatch(
    keyed.body.detail,
    /Send the rest again, from line \d+ on, with another Idempotency-Key/,
  );
});

Deno.test("a lenient upload without a reading, or with a wrong header, is refused", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "a" };
  assertEquals((await upload(h, "\n\n", key)).status, 422);
  assertEquals((await upload(h, "", key)).status, 422);
  const header = await h.post("a,b\n1,2\n", { ...CSV, ...LENIENT });
  assertEquals(header.status, 422);
  assertMatch(JSON.stringify(header.body), /must name the columns/);
  assertEquals(await h.client.keys("idempotency:*"), []);
});

Deno.test("a lenient upload rejects a line that is not UTF-8, and takes what follows it", async () => {
  await using h = await startIngestion();
  const row = (power: number) =>
    `site-001,ger\u00e4t,${power},2024-01-15T10:30:00Z\n`;
  const csv = "site_id,device_id,power_reading,timestamp\n" +
    row(1).replace("\u00e4", "ae") + row(2) + row(3).replace("\u00e4", "ae");
  // As ISO 8859-1 has it.
  const latin1 = Uint8Array.from(csv, (char) => char.charCodeAt(0));
  const { status, body } = await h.post(latin1, { ...CSV, ...LENIENT });
  assertEquals([status, body.accepted, body.rejected.total], [202, 2, 1]);
  const [{ line, column, detail }] = body.rejected.lines;
  assertEquals([line, column], [3, 13]);
  assertMatch(detail, /UTF-8/);
  assertEquals(await powers(h), [1, 3]);
  const cut = Uint8Array.of(...encoder.encode(lines(4, 1)), 0xe2, 0x82);
  const { body: last } = await upload(h, cut);
  assertEquals([last.accepted, last.rejected.lines[0].line], [1, 2]);
  assertMatch(last.rejected.lines[0].detail, /UTF-8/);
});

Deno.test("a lenient upload lets other work have its turn while it reads what leads to no write", async () => {
  await using h = await startIngestion();
  let turns = 0, reading = true;
  const count = () => {
    if (!reading) return;
    turns++;
    setTimeout(count, 0);
  };
  const body = (function* () {
    setTimeout(count, 0);
    for (let i = 0; i < 128; i++) yield encoder.encode("\n".repeat(65_536));
    reading = false;
    yield encoder.encode(lines(1, 1));
  })();
  assertEquals((await upload(h, streamOf(body))).body.accepted, 1);
  assert(turns > 0, `${turns} turns`);
});

Deno.test("a lenient upload that breaks off says how far it came, and the rest completes it", async () => {
  await using h = await startIngestion();
  const body = lines(1, 4000);
  const broken = (async function* () {
    yield encoder.encode(lines(1, 2500));
    await until(async () => (await h.entries()).length === 2000);
    throw new Error("gone");
  })();
  const { status, body: answer } = await upload(h, streamOf(broken));
  assertEquals(status, 400);
  assertMatch(answer.detail, /broke off/);
  assertEquals([answer.accepted, answer.resume_from_line], [2000, 2001]);
  const rest = body.split("\n").slice(answer.resume_from_line - 1).join("\n");
  assertEquals((await upload(h, rest)).body.accepted, 2000);
  assertEquals(await powers(h), range(1, 4000));
});

Deno.test("a lenient CSV that breaks off says that the rest needs the header line again", async () => {
  await using h = await startIngestion();
  const rows = range(1, 1500).map((power) =>
    `site-001,meter-42,${power},2024-01-15T10:30:00Z\n`
  );
  const header = "site_id,device_id,power_reading,timestamp\n";
  const broken = (async function* () {
    yield encoder.encode(header + rows.join(""));
    await until(async () => (await h.entries()).length === 1000);
    throw new Error("gone");
  })();
  const csv = { ...CSV, ...LENIENT };
  const { body: answer } = await h.post(streamOf(broken), csv);
  assertMatch(answer.detail, /again behind the header line, from line 1002 on/);
  const all = (header + rows.join("")).split("\n");
  const rest = all.slice(answer.resume_from_line - 1).join("\n");
  assertEquals((await h.post(header + rest, csv)).body.accepted, 500);
  assertEquals(await powers(h), range(1, 1500));
});

Deno.test("an upload waits while too much waits for processing, and goes on when there is room", async () => {
  await using h = await startIngestion({ MAX_BACKLOG: "1000" });
  let done = false;
  const answer = upload(h, lines(1, 3500)).finally(() => done = true);
  while (!done) {
    await processAll(h);
    assert(h.backlog.readings <= 2000, `${h.backlog.readings} wait`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals((await answer).status, 202);
  assertEquals(await powers(h), range(1, 3500));
});
