import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
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

Deno.test("an Idempotency-Key is kept for IDEMPOTENCY_TTL, and not for a request that was refused", async () => {
  await using h = await startIngestion({ IDEMPOTENCY_TTL: "1h" });
  const key = { "idempotency-key": "abc" };
  assertEquals((await h.postJson({ ...READING, site_id: 1 }, key)).status, 422);
  assertEquals(await h.client.keys("idempotency:*"), []);
  assertEquals((await h.postJson(READING, key)).status, 202);
  const [kept] = await h.client.keys("idempotency:*");
  const ttl = await h.client.pttl(kept);
  assert(ttl > 3_500_000 && ttl <= 3_600_000);
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
