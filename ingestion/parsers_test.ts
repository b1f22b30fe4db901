import fc from "fast-check";
import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { MAX_WATTS, type Reading, READING_FIELDS } from "../core/reading.ts";
import { Problem } from "../core/problem.ts";
import { type Batch, createLineParser, readBatch } from "./batch.ts";
import type { MEDIA_TYPES } from "./form.ts";
import { faultOffset, memberOffsets } from "./json_position.ts";
import { checkLine } from "./line_parser.ts";
import { createLineSplitter } from "./lines.ts";
import { cutAt, streamOf } from "./testing/cut.ts";
import { decodeUtf8Stream } from "./text.ts";

type MediaType = typeof MEDIA_TYPES[number];

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
const reading: fc.Arbitrary<Reading> = fc.record({
  site_id: name,
  device_id: name,
  power_reading: fc.double({
    min: -MAX_WATTS,
    max: MAX_WATTS,
    noNaN: true,
  }).map((number) => number === 0 ? 0 : number),
  timestamp: fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("2024-01-01T00:00:00Z"),
    noInvalidDate: true,
  }).map((date) => date.toISOString().replace(/\.?0*Z$/, "Z")),
}, { noNullPrototype: true });

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function csvOf(
  readings: Reading[],
  columns: readonly (keyof Reading)[],
  quoted: boolean,
  end: string,
): string {
  const field = (value: string | number) =>
    quoted ? quote(String(value)) : String(value);
  return [
    columns.map(field).join(","),
    ...readings.map((one) => columns.map((c) => field(one[c])).join(",")),
  ].map((line) => line + end).join("");
}

const order = fc.shuffledSubarray([...READING_FIELDS], { minLength: 4 });

Deno.test("readBatch() gives back the readings that were written as CSV, whatever the order, quotes, ends and BOM", () => {
  fc.assert(fc.property(
    fc.array(reading, { minLength: 1, maxLength: 8 }),
    order,
    fc.boolean(),
    fc.constantFrom("\n", "\r\n"),
    (readings, columns, quoted, end) => {
      const batch = readBatch(
        csvOf(readings, columns, quoted, end),
        "text/csv",
        100,
      );
      assertEquals(batch.readings, readings);
    },
  ));
});

Deno.test("readBatch() gives back the readings that were written as NDJSON and as a JSON array", () => {
  fc.assert(fc.property(
    fc.array(reading, { minLength: 1, maxLength: 8 }),
    (readings) => {
      const lines = readings.map((one) => JSON.stringify(one)).join("\r\n\n");
      assertEquals(
        readBatch(lines, "application/x-ndjson", 100).readings,
        readings,
      );
      const array = JSON.stringify(readings, null, 1);
      assertEquals(
        readBatch(array, "application/json", 100).readings,
        readings,
      );
    },
  ));
});

/** What a body that arrives in pieces comes to, as an upload reads it. */
async function readPieces(pieces: Uint8Array<ArrayBuffer>[], type: MediaType) {
  const parser = createLineParser(type);
  const splitter = createLineSplitter();
  const results: unknown[] = [];
  let number = 0;
  try {
    for await (const text of decodeUtf8Stream(streamOf(pieces))) {
      for (const line of splitter.push(text)) {
        results.push(checkLine(parser, line, ++number));
      }
    }
    for (const line of splitter.end()) {
      results.push(checkLine(parser, line, ++number));
    }
  } catch (error) {
    results.push(error instanceof Problem ? error.members : error);
  }
  return results;
}

const GOOD =
  '{"site_id":"s","device_id":"d","power_reading":1,"timestamp":"2024-01-15T10:30:00Z"}';

Deno.test("lines are read the same wherever the bytes are cut, also within a character", async () => {
  const ndjson = fc.array(
    fc.constantFrom(GOOD, '{"é":"💡"}', "[", "", "nul", "\r", '{"site_id":1}'),
    { minLength: 1, maxLength: 6 },
  ).map((lines) => lines.join("\n"));
  const csv = fc.array(
    fc.constantFrom(
      '2024-01-15T10:30:00Z,s,"d",5',
      'é,"💡',
      '"a""b",c,d,e',
      "",
      'a"b',
      "1,2,3",
    ),
    { maxLength: 6 },
  ).map((lines) =>
    ["\ufefftimestamp,site_id,device_id,power_reading", ...lines].join("\r\n")
  );
  const bodies = fc.oneof(
    fc.tuple(fc.constant<MediaType>("application/x-ndjson"), ndjson),
    fc.tuple(fc.constant<MediaType>("text/csv"), csv),
  );
  await fc.assert(fc.asyncProperty(
    bodies,
    fc.array(fc.nat(200), { maxLength: 12 }),
    async ([type, text], cuts) => {
      const bytes = new TextEncoder().encode(text);
      assertEquals(
        await readPieces(cutAt(bytes, cuts), type),
        await readPieces([bytes], type),
      );
    },
  ));
});

/** Calls a function and counts how often it makes use of `JSON.parse`. */
function countParsed<T>(run: () => T): { value: T; parsed: number } {
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (text) => (parsed++, parse(text));
  try {
    return { value: run(), parsed };
  } finally {
    JSON.parse = parse;
  }
}

function faults(batch: Batch) {
  return batch.errors.map((error) =>
    "line" in error ? [error.line, error.column, error.pointer] : error.pointer
  );
}

Deno.test("readBatch() points at what is wrong in a line by line, column and pointer", () => {
  const csv = [
    "device_id,site_id,power_reading,timestamp",
    'd,s,"x",2024-01-15T10:30:00Z',
    'd,"-s",1,2024-01-15T10:30:00Z',
    "d,s,1",
    'd,s,"1,2024',
    "",
    "d,s,,2024-01-15T10:30:00Z",
    'd,s,1"2,2024-01-15T10:30:00Z',
    '"d"x,s,1,2024-01-15T10:30:00Z',
  ].join("\n");
  const batch = readBatch(csv, "text/csv", 100);
  assertEquals(faults(batch), [
    [2, 5, "/power_reading"],
    [3, 3, "/site_id"],
    [4, 1, ""],
    [5, 5, ""],
    [7, 5, "/power_reading"],
    [8, 6, ""],
    [9, 4, ""],
  ]);
  assertEquals(batch.errors[4].kind, "missing");
  const ndjson = `${GOOD}\n${GOOD.replace(":1,", ": true,")}\n{"a": 1,}\n${
    GOOD.replace("}", ',"x":{}}')
  }`;
  assertEquals(faults(readBatch(ndjson, "application/x-ndjson", 100)), [
    [2, GOOD.indexOf(":1,") + 3, "/power_reading"],
    [3, 9, ""],
    [4, GOOD.length + 5, "/x"],
  ]);
});

Deno.test("readBatch() passes over blank lines of NDJSON without parsing them", () => {
  const blank = ["", "\r", " ", "\t \r", "\u00a0"].join("\n");
  const { value: batch, parsed } = countParsed(() =>
    readBatch(`${blank}\n${GOOD}\n${blank}`, "application/x-ndjson", 100)
  );
  assertEquals([batch.readings.length, batch.faults, parsed], [1, 0, 1]);
});

Deno.test("readBatch() looks at each field of an NDJSON line once to point at what is wrong, however much that is", () => {
  const unknown = Array.from({ length: 1000 }, (_, i) => `"x${i}":1`);
  const line = `${GOOD.slice(0, -1)},${unknown.join(",")}}`;
  const { value: batch, parsed } = countParsed(() =>
    readBatch(line, "application/x-ndjson", 100)
  );
  assert(parsed <= 1 + READING_FIELDS.length + unknown.length, `${parsed}`);
  assertEquals([batch.faults, batch.errors.length], [1000, 100]);
  assertEquals(faults(batch)[99], [1, line.indexOf('"x99":') + 7, "/x99"]);
});

Deno.test("readBatch() points at what is wrong in a JSON array by its index", () => {
  const batch = readBatch(`[${GOOD}, {"a/b":1}]`, "application/json", 100);
  assertEquals(faults(batch)[4], "/1/a~1b");
});

Deno.test("a CSV header that lacks a column, has an unknown one or one twice is refused", async () => {
  const wrong: [string, RegExp[]][] = [
    ["site_id,device_id,power_reading", [/"timestamp" is missing/]],
    ["site_id,device_id,power_reading,timestamp,note", [/"note" is not a/]],
    ["site_id,device_id,power_reading,timestamp,site_id", [/comes twice/]],
    [
      "site_id,device_id,power,timestamp",
      [/"power" is not a/, /"power_reading" is missing/],
    ],
    ["2024-01-15T10:30:00Z,s,d,1", [/is not a field/]],
  ];
  for (const [header, patterns] of wrong) {
    const error = await assertRejects(
      () => readBatch(header + "\n", "text/csv", 10),
      /must name the columns/,
    ) as Problem;
    const errors = error.members.errors as { detail: string; line: number }[];
    for (const pattern of patterns) {
      assertEquals(errors.some(({ detail }) => pattern.test(detail)), true);
    }
    assertEquals(errors[0].line, 1);
  }
  const late = `${"#".repeat(70_000)}\n\na,b\n`;
  const { members } = await assertRejects(
    () => readBatch(late, "text/csv", 10),
    /must name the columns/,
  ) as Problem;
  assertEquals((members.errors as { line: number }[])[0].line, 3);
});

Deno.test("faultOffset() finds where a text stops being JSON, and takes what JSON.parse takes", () => {
  for (
    const [text, offset] of [
      ['{"a":1,}', 7],
      ["abc", 0],
      ['{"a"', 4],
      ["[1,2", 4],
      ["[1 2]", 3],
      ['{"a":01}', 6],
      ['"a\nb"', 0],
      ["[1]]", 3],
      ["", 0],
      ["[".repeat(100_000), 100_000],
    ] as const
  ) assertEquals(faultOffset(text), offset, text.slice(0, 20));
  fc.assert(fc.property(fc.json(), fc.nat(), (json, at) => {
    // Whole it has no fault; cut off, the fault is not behind the cut.
    assertEquals(faultOffset(json), json.length);
    const cut = json.slice(0, at % (json.length + 1));
    assertEquals(faultOffset(cut) <= cut.length, true);
  }));
});

Deno.test("memberOffsets() finds the last member of each name, at the top only", () => {
  const text = '{"b":{"a":1},"a" : 2, "c":["a",3],"a":"x"}';
  const offsets = memberOffsets(text);
  assertEquals([...offsets.keys()], ["b", "a", "c"]);
  assertEquals(text.slice(offsets.get("a")), '"x"}');
  assertEquals(text.slice(offsets.get("c")).startsWith('["a"'), true);
});
