import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { STREAM } from "../core/keys.ts";
import { gzip } from "./testing/cut.ts";
import {
  JSON_TYPE,
  LENIENT,
  NDJSON,
  READING,
  startIngestion,
} from "./testing/harness.ts";

Deno.test("an Idempotency-Key gives the first answer again and writes once", async () => {
  await using h = await startIngestion();
  const key = { "idempotency-key": "abc" };
  const first = await h.postJson([READING, READING], key);
  const again = await h.post(await gzip(JSON.stringify([READING, READING])), {
    ...JSON_TYPE,
    ...key,
    "content-encoding": "gzip",
  });
  assertEquals(again.status, 202);
  assertEquals(again.body, first.body);
  for (
    const [body, headers] of [
      [JSON.stringify([READING]), { ...JSON_TYPE, ...key }],
      [JSON.stringify([READING, READING]), { ...NDJSON, ...key }],
      [JSON.stringify([READING, READING]), {
        ...JSON_TYPE,
        ...key,
        ...LENIENT,
      }],
      ["x", { ...NDJSON, ...key, ...LENIENT }],
      ["[", { ...JSON_TYPE, ...key }],
    ] as const
  ) {
    const other = await h.post(body, headers);
    assertEquals(other.status, 422);
    assertMatch(other.body.type, /idempotency-mismatch/);
  }
  assertEquals((await h.entries()).length, 2);
  const single = { "idempotency-key": "one" };
  const one = await h.postJson(READING, single);
  assertEquals((await h.postJson(READING, single)).body, one.body);
  assertEquals(Object.keys(one.body), ["status", "id"]);
});

Deno.test("an Idempotency-Key is kept for IDEMPOTENCY_TTL, with a 202 and with a refusal", async () => {
  await using h = await startIngestion({ IDEMPOTENCY_TTL: "1h" });
  for (const [body, status] of [[READING, 202], [{}, 422]] as const) {
    await h.client.flushdb();
    const key = { "idempotency-key": "abc" };
    assertEquals((await h.postJson(body, key)).status, status);
    const [kept] = await h.client.keys("idempotency:*");
    const ttl = await h.client.pttl(kept);
    assert(ttl > 3_500_000 && ttl <= 3_600_000);
  }
});

Deno.test("a body that was refused is refused in the same words again, and its correction needs a new Idempotency-Key", async () => {
  await using h = await startIngestion({ MAX_BATCH: "2" });
  const bodies: [string | Uint8Array<ArrayBuffer>, number][] = [
    ["{", 400],
    [new Uint8Array([0x22, 0xff, 0x22]), 400],
    [JSON.stringify({ ...READING, site_id: 1, extra: 1 }), 422],
    ["[]", 422],
    [JSON.stringify([READING, READING, READING]), 413],
  ];
  for (const [index, [body, status]] of bodies.entries()) {
    const headers = { ...JSON_TYPE, "idempotency-key": `key-${index}` };
    const first = await h.post(body, headers);
    assertEquals(first.status, status);
    assertMatch(first.body.detail, /needs a new Idempotency-Key/);
    const again = await h.post(body, headers);
    assertEquals([again.status, again.body], [status, first.body]);
    assertEquals(again.headers.get("content-type"), "application/problem+json");
    const corrected = await h.postJson(READING, headers);
    assertEquals(corrected.status, 422);
    assertMatch(corrected.body.type, /idempotency-mismatch/);
    assertMatch(corrected.body.detail, /a new key/);
  }
  assertEquals(await h.entries(), []);
  const fresh = { "idempotency-key": "fresh" };
  assertEquals((await h.postJson(READING, fresh)).status, 202);
});

Deno.test("what was refused before the body was known, or for the state of the service, leaves the Idempotency-Key free", async () => {
  await using h = await startIngestion({ MAX_BODY_BYTES: "200" });
  const key = { "idempotency-key": "abc" };
  const media = await h.post("x", { ...key, "content-type": "text/plain" });
  const bytes = await h.postJson([READING, READING, READING], key);
  const encoding = { ...JSON_TYPE, ...key, "content-encoding": "gzip" };
  const notGzip = await h.post(JSON.stringify(READING), encoding);
  assertEquals([media, bytes, notGzip].map((it) => it.status), [415, 413, 400]);
  await h.client.set("energy_readings:old", "");
  await h.client.rename("energy_readings:old", STREAM);
  assertEquals((await h.postJson(READING, key)).status, 503);
  await h.client.del(STREAM);
  assertEquals((await h.postJson(READING, key)).status, 202);
});

Deno.test("of a valid and an invalid body with one Idempotency-Key at the same moment one is the first", async () => {
  await using h = await startIngestion();
  let written = 0;
  for (let i = 0; i < 40; i++) {
    const key = { "idempotency-key": `key-${i}` };
    const send = () => [
      h.postJson(i % 2 ? READING : {}, key),
      h.postJson(i % 2 ? {} : READING, key),
    ];
    const answers = await Promise.all(send());
    const statuses = answers.map(({ status }) => status);
    const taken = statuses.includes(202);
    if (taken) written++;
    const mismatched = answers.filter(({ body }) =>
      /idempotency-mismatch/.test(body.type)
    );
    assertEquals(mismatched.length, 1, statuses.join());
    const again = await Promise.all(send());
    assertEquals(
      again.map(({ body }) => body),
      answers.map(({ body }) => body),
    );
  }
  assertEquals((await h.entries()).length, written);
});

Deno.test("two requests with the same Idempotency-Key at the same moment write once", async () => {
  await using h = await startIngestion();
  for (let i = 0; i < 20; i++) {
    const key = { "idempotency-key": `key-${i}` };
    const [a, b] = await Promise.all([
      h.postJson(READING, key),
      h.postJson(READING, key),
    ]);
    assertEquals([a.status, b.status], [202, 202]);
    assertEquals(a.body, b.body);
  }
  assertEquals((await h.entries()).length, 20);
});

async function hash(key: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(key),
  );
  return new Uint8Array(digest).toHex();
}

Deno.test("each API key has its own Idempotency-Keys, and may write or not", async () => {
  const entries = await Promise.all(
    [["a", "write"], ["b", "admin"], ["c", "read"]].map(async ([name, scope]) =>
      `${name}:${await hash(`key-${name}`)}:${scope}`
    ),
  );
  await using h = await startIngestion({ API_KEYS: entries.join(",") });
  const headers = (key: string) => ({
    "x-api-key": `key-${key}`,
    "idempotency-key": "same",
  });
  const a = await h.postJson(READING, headers("a"));
  const b = await h.postJson(READING, headers("b"));
  assertEquals([a.status, b.status], [202, 202]);
  assert(a.body.id !== b.body.id);
  assertEquals((await h.postJson(READING, headers("c"))).status, 403);
  assertEquals((await h.postJson(READING, headers("d"))).status, 401);
  assertEquals((await h.entries()).length, 2);
});
