import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import {
  CSV,
  JSON_TYPE,
  NDJSON,
  READING,
  startIngestion,
} from "./testing/harness.ts";

Deno.test("POST /readings answers each kind of bad body with its own status", async () => {
  await using h = await startIngestion({
    MAX_BATCH: "3",
    MAX_BODY_BYTES: "1MiB",
  });
  const good = JSON.stringify(READING);
  const set = (field: string, json: string) =>
    JSON.stringify({ ...READING, [field]: 0 }).replace(
      `"${field}":0`,
      `"${field}":${json}`,
    );
  const cases: [
    string,
    BodyInit | null,
    number,
    RegExp,
    Record<string, string>?,
  ][] = [
    ["empty", "", 400, /empty/],
    ["no body", null, 400, /empty/],
    ["not JSON", "{", 400, /ends too early/],
    ["not JSON later", `[${good},\n{"a":x}]`, 400, /line 2, column 6/],
    ["NaN", set("power_reading", "NaN"), 400, /not JSON/],
    [
      "not UTF-8",
      new Uint8Array([0x22, 0xff, 0x22]),
      400,
      /line 1, column 2 .*UTF-8/,
    ],
    ["U+FFFD", set("site_id", '"\uFFFD"'), 400, /UTF-8/],
    [
      "U+FFFD in a large body",
      "\n" + set("site_id", '"\uFFFD"').padEnd(70_000),
      400,
      /line 2, column 13 .*UTF-8/,
    ],
    [
      "U+FFFD with a key",
      set("site_id", '"\uFFFD"'),
      400,
      /column 13 .*UTF-8/,
      {
        "content-type": "application/json",
        "idempotency-key": "fffd",
      },
    ],
    ["beyond a double", set("power_reading", "1e999"), 422, /finite number/],
    ["beyond 1e9", set("power_reading", "1000000001"), 422, /at most/],
    [
      "a string for a number",
      set("power_reading", '"5"'),
      422,
      /finite number/,
    ],
    ["null", set("site_id", "null"), 422, /must be a string/],
    [
      "a lone surrogate",
      set("site_id", '"\\ud800"'),
      422,
      /1 to 64 characters/,
    ],
    ["NUL", set("device_id", '"a\\u0000"'), 422, /1 to 64 characters/],
    ["a line break", set("device_id", '"a\\n"'), 422, /1 to 64 characters/],
    ["a space", set("device_id", '"a b"'), 422, /1 to 64 characters/],
    [
      "too long",
      set("site_id", `"${"a".repeat(65)}"`),
      422,
      /1 to 64 characters/,
    ],
    ["no offset", set("timestamp", '"2024-01-15T10:30:00"'), 422, /offset/],
    ["the future", set("timestamp", '"2999-01-15T10:30:00Z"'), 422, /24 hours/],
    ["an unknown field", set("note", "1"), 422, /not a field/],
    [
      "__proto__",
      good.replace("{", '{"__proto__":{"a":1},'),
      422,
      /not a field/,
    ],
    ["a number", "5", 422, /a reading or an array/],
    ["no JSON", "x", 422, /"line 1, column 1: must be JSON/, NDJSON],
    ["an empty array", "[]", 422, /no readings/],
    [
      "an empty CSV",
      "site_id,device_id,power_reading,timestamp\n",
      422,
      /no readings/,
      CSV,
    ],
    ["a blank NDJSON", "\n \n", 422, /no readings/, NDJSON],
    ["too many", `[${Array(4).fill(good)}]`, 413, /3 readings/],
    ["too many lines", `${good}\n`.repeat(4), 413, /3 readings/, NDJSON],
    [
      "too large",
      " ".repeat(1_048_577),
      413,
      /1048576 bytes.*or as NDJSON or CSV/,
    ],
    ["deep arrays", "[".repeat(500_000), 400, /ends too early/],
    [
      "deep and closed",
      "[".repeat(400_000) + "]".repeat(400_000),
      422,
      /array/,
    ],
    [
      "deep objects",
      `[${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}]`,
      422,
      /./,
    ],
    ["no media type", new TextEncoder().encode(good), 415, /missing/, {}],
    ["another media type", good, 415, /must be one of/, {
      "content-type": "text/plain",
    }],
    ["another charset", good, 415, /UTF-8/, {
      "content-type": "text/csv; charset=latin1",
    }],
    ["another encoding", good, 415, /gzip/, {
      ...JSON_TYPE,
      "content-encoding": "br",
    }],
    ["a bad key", good, 400, /visible ASCII/, {
      ...JSON_TYPE,
      "idempotency-key": "é",
    }],
  ];
  for (const [what, body, status, pattern, headers] of cases) {
    const answer = await h.post(body, headers ?? JSON_TYPE);
    assertEquals(
      answer.status,
      status,
      `${what}: ${JSON.stringify(answer.body)}`,
    );
    assertMatch(JSON.stringify(answer.body), pattern);
    assertEquals(
      answer.headers.get("content-type"),
      "application/problem+json",
    );
    assertEquals(answer.body.status, status);
    assertMatch(answer.body.type, /^urn:energy-microservices:problem:/);
    if (status === 415 && !("content-encoding" in (headers ?? {}))) {
      assertMatch(answer.headers.get("accept-post") ?? "", /text\/csv/);
    }
  }
  assertEquals(await h.entries(), []);
});
