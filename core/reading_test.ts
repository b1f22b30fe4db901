import { assert, assertEquals } from "../dev/testing/assert.ts";
import fc from "fast-check";
import { checkReading, kindOf, readingSchema } from "./reading.ts";
import { epochMsOf } from "./timestamp.ts";

const GOOD = {
  site_id: "site-001",
  device_id: "meter-42",
  power_reading: 1500.5,
  timestamp: "2024-01-15T10:30:00Z",
};

function faults(value: unknown) {
  const result = checkReading(value);
  return "faults" in result ? result.faults : [];
}

Deno.test("checkReading() gives the reading with its timestamp in UTC", () => {
  assertEquals(
    checkReading({ ...GOOD, timestamp: "2024-01-15T11:30:00+01:00" }),
    { reading: GOOD, epochMs: Date.parse(GOOD.timestamp) },
  );
});

Deno.test("checkReading() takes negative power and its limits", () => {
  for (const power_reading of [-1e9, -0.5, 0, 1e9]) {
    assertEquals(faults({ ...GOOD, power_reading }), []);
  }
});

Deno.test("checkReading() names each fault by pointer, rule and kind, never by value", () => {
  const found = faults({
    site_id: "secret value!",
    power_reading: "12",
    timestamp: null,
    extra: 1,
  });
  assertEquals(found.map(({ pointer, kind }) => [pointer, kind]), [
    ["/site_id", "string"],
    ["/device_id", "missing"],
    ["/power_reading", "string"],
    ["/timestamp", "null"],
    ["/extra", "number"],
  ]);
  assert(!JSON.stringify(found).includes("secret"));
});

Deno.test("checkReading() refuses what is not a finite number within its limits", () => {
  for (
    const power_reading of [
      NaN,
      Infinity,
      -Infinity,
      1.1e9,
      -1.1e9,
      "1",
      null,
      true,
      [],
      {},
    ]
  ) {
    assertEquals(
      faults({ ...GOOD, power_reading }).map(({ pointer }) => pointer),
      ["/power_reading"],
    );
  }
});

Deno.test("checkReading() refuses names that are empty, long, or hold other characters", () => {
  for (
    const site_id of [
      "",
      "-a",
      ".a",
      "a b",
      "a/b",
      "ä",
      "a\u0000",
      "\ud800",
      "x".repeat(65),
      "a\n",
    ]
  ) {
    assertEquals(faults({ ...GOOD, site_id }).map(({ pointer }) => pointer), [
      "/site_id",
    ], JSON.stringify(site_id));
  }
  for (const site_id of ["a", "0", "A.b_c:d-e", "x".repeat(64)]) {
    assertEquals(faults({ ...GOOD, site_id }), []);
  }
});

Deno.test("checkReading() lists a hundred faults and counts all", () => {
  const unknown = Array.from({ length: 1000 }, (_, i) => [`x${i}`, i]);
  const result = checkReading({ site_id: 1, ...Object.fromEntries(unknown) });
  assert("faults" in result);
  assertEquals([result.faults.length, result.total], [100, 1004]);
  assertEquals(result.faults[99].pointer, "/x95");
});

Deno.test("checkReading() escapes the name of an unknown field as RFC 6901 says", () => {
  assertEquals(faults({ ...GOOD, "a/b~c": 1 }).map(({ pointer }) => pointer), [
    "/a~1b~0c",
  ]);
  assertEquals(
    faults(JSON.parse(`{"__proto__":1,${JSON.stringify(GOOD).slice(1)}`))
      .length,
    1,
  );
});

Deno.test("checkReading() never throws, and what it accepts it accepts again unchanged", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.anything(),
      fc.record({
        site_id: fc.oneof(
          fc.string(),
          fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
        ),
        device_id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
        power_reading: fc.oneof(fc.double(), fc.integer()),
        timestamp: fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true, min: new Date(0), max: new Date() })
            .map((date) => date.toISOString()),
        ),
      }),
    ),
    (value) => {
      const result = checkReading(value);
      if ("reading" in result) {
        assertEquals(checkReading(result.reading), result);
      } else assert(result.faults.length > 0);
    },
  ));
});

Deno.test("kindOf() speaks JSON's words", () => {
  assertEquals([undefined, null, [], {}, "", 0, true].map(kindOf), [
    "missing",
    "null",
    "array",
    "object",
    "string",
    "number",
    "boolean",
  ]);
});

Deno.test("checkReading() says of every value what the schema says", () => {
  const name = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
    },
    fc.string({ maxLength: 70 }),
    fc.constantFrom("", "a".repeat(64), "a".repeat(65), "a\n"),
  );
  const past = fc.date({
    noInvalidDate: true,
    min: new Date(0),
    max: new Date(),
  });
  const timestamp = fc.oneof(
    { weight: 4, arbitrary: past.map((date) => date.toISOString()) },
    fc.constantFrom(
      "2024-02-29T10:30:00+01:00",
      "2023-02-29T10:30:00Z",
      "2024-01-15t10:30:00,50z",
      "2099-01-01T00:00:00Z",
      "2024-01-15",
    ),
    fc.string(),
  );
  const power = fc.oneof(
    fc.double({ min: -1.1e9, max: 1.1e9 }),
    fc.constantFrom(0, -0, NaN, Infinity, 1e9, -1e9, 1.0000000001e9, "1"),
  );
  const fields = {
    site_id: fc.oneof({ weight: 9, arbitrary: name }, fc.jsonValue()),
    device_id: fc.oneof({ weight: 9, arbitrary: name }, fc.jsonValue()),
    power_reading: fc.oneof({ weight: 9, arbitrary: power }, fc.jsonValue()),
    timestamp: fc.oneof({ weight: 9, arbitrary: timestamp }, fc.jsonValue()),
  };
  const readings = fc.oneof(
    { weight: 6, arbitrary: fc.record(fields) },
    fc.record(fields, { requiredKeys: [] }),
    fc.record({ ...fields, extra: fc.jsonValue() }, {
      requiredKeys: ["extra"],
    }),
    fc.record(fields).map((reading) =>
      JSON.parse(`{"__proto__":1,${JSON.stringify(reading).slice(1)}`)
    ),
    fc.record(fields).map((reading) =>
      Object.assign(Object.create(null), reading)
    ),
    fc.jsonValue(),
    fc.tuple(fc.record(fields)),
  );
  let right = 0;
  fc.assert(
    fc.property(readings, (value) => {
      const expected = readingSchema.safeParse(value);
      const found = checkReading(value);
      assertEquals("reading" in found, expected.success);
      if (!("reading" in found)) {
        assert(found.faults.length >= expected.error!.issues.length);
        return;
      }
      right++;
      assertEquals(found.reading, expected.data);
      assertEquals(found.epochMs, epochMsOf(expected.data!.timestamp));
    }),
    { numRuns: 2000 },
  );
  assert(right > 50, `only ${right} values were right`);
});
