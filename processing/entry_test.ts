import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { type Entry, readEntry, type UnreadableEntry } from "./entry.ts";

const MINUTE = 60_000, DAY = 24 * 60 * MINUTE;

/** The fields of an entry as ingestion writes them, but for what is said. */
function fields(other: Record<string, string> = {}): string[] {
  return Object.entries({
    site_id: "site-001",
    device_id: "meter-1",
    power_reading: "1",
    timestamp: "2024-01-15T10:30:00Z",
    ...other,
  }).flat();
}

function good(given: string[]): Entry {
  const entry = readEntry(["1700000000000-3", given]);
  assert("reading" in entry, JSON.stringify(entry));
  return entry;
}

function bad(given: string[]): UnreadableEntry {
  const entry = readEntry(["1700000000000-3", given]);
  assert(!("reading" in entry), `${given} could be read`);
  assertEquals(entry.fields, given);
  return entry;
}

Deno.test("readEntry() reads what ingestion writes, and fields in any order", () => {
  const entry = good(fields());
  assertEquals(JSON.parse(entry.json), {
    site_id: "site-001",
    device_id: "meter-1",
    power_reading: 1,
    timestamp: "2024-01-15T10:30:00Z",
    id: "1700000000000-3",
  });
  assertEquals(entry.acceptedMs, 1_700_000_000_000);
  const [site, name, ...rest] = fields();
  assertEquals(good([...rest, site, name]), entry);
});

Deno.test("readEntry() takes for a power only what is a number as JSON has it, or Redis writes it", () => {
  const power = (power_reading: string) => fields({ power_reading });
  for (
    const [text, value] of [["-1.5", -1.5], ["1e3", 1000], ["2.5E-3", 0.0025]]
  ) {
    assertEquals(good(power(text as string)).reading.power_reading, value);
  }
  for (const text of ["", " 1", "0x10", "1_000", ".5", "1e999", "Infinity"]) {
    assertMatch(bad(power(text)).reason, /^power_reading /);
  }
});

Deno.test("readEntry() allows for a clock of ingestion that is ahead, and for no more", () => {
  const ahead = (ms: number) =>
    fields({ timestamp: new Date(Date.now() + ms).toISOString() });
  good(ahead(DAY + 8 * MINUTE));
  assertMatch(bad(ahead(DAY + 12 * MINUTE)).reason, /^timestamp /);
});

Deno.test("readEntry() refuses a field that comes twice, and one that it does not know", () => {
  assertEquals(
    bad([...fields(), "site_id", "b"]).reason,
    "site_id comes twice",
  );
  for (const name of ["colour", "__proto__", "toString"]) {
    const { reason } = bad([...fields(), name, "red"]);
    assert(reason.startsWith(`${name} `) && !/twice/.test(reason), reason);
  }
});

Deno.test("readEntry() takes no field for another, whatever stands in its place", () => {
  for (const at of [0, 2, 4, 6]) {
    bad(fields().with(at, "alien"));
  }
});

Deno.test("readEntry() takes the trace along, and stores a reading whose trace cannot be read", () => {
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assertEquals(good([...fields(), "traceparent", trace]).traceparent, trace);
  assertEquals(good([...fields(), "traceparent", "x"]).traceparent, undefined);
});

Deno.test("readEntry() says of an entry of which nothing is left that it was trimmed", () => {
  assertEquals(readEntry(["5-1", null]), {
    id: "5-1",
    fields: [],
    reason: "trimmed",
  });
});
