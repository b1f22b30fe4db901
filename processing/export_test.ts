import fc from "fast-check";
import { metaKey, readingsKey, SITES } from "../core/keys.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { createHarness } from "./testing/harness.ts";
import { series, setRolled, storeReadings } from "./testing/site.ts";
import { trimSite } from "./trim_site.ts";

const START = Date.UTC(2024, 0, 1);
const HEAD = "site_id,device_id,power_reading,timestamp\r\n";

/** Three sites, the second of which goes over two blocks. */
async function filled() {
  const h = await createHarness();
  await storeReadings(h, "b:1", series(2300, START));
  await storeReadings(h, "a", series(40, START, -20.5));
  await storeReadings(h, "c", series(3, START));
  const app = await h.app();
  const ask = async (query: string, accept = "*/*") => {
    const response = await app.request(`/export${query}`, {
      headers: { accept },
    });
    return { response, text: await response.text() };
  };
  return { h, ask, [Symbol.asyncDispose]: () => h[Symbol.asyncDispose]() };
}

Deno.test("GET /export gives all sites by name, as CSV or NDJSON, without ids", async () => {
  await using f = await filled();
  const { response, text } = await f.ask("");
  assertMatch(response.headers.get("content-type")!, /^text\/csv/);
  assertEquals(
    response.headers.get("content-disposition"),
    'attachment; filename="readings.csv"',
  );
  const lines = text.split("\r\n");
  assertEquals(lines.length, 1 + 40 + 2300 + 3 + 1);
  assertEquals(lines[0] + "\r\n", HEAD);
  assertEquals(lines[1], "a,a,-20.5,2024-01-01T00:00:00Z");
  assertEquals(lines[41], "b:1,a,0,2024-01-01T00:00:00Z");
  for (
    const [query, accept] of [["?format=ndjson", "text/csv"], [
      "",
      "application/x-ndjson",
    ]]
  ) {
    const { response, text } = await f.ask(query, accept);
    assertEquals(response.headers.get("content-type"), "application/x-ndjson");
    const readings = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(readings.length, 2343);
    assertEquals(readings[0], {
      site_id: "a",
      device_id: "a",
      power_reading: -20.5,
      timestamp: "2024-01-01T00:00:00Z",
    });
  }
});

Deno.test("GET /export leaves out a site in the place of whose list something else is, and says so of one by name", async () => {
  await using f = await filled();
  const { redis } = f.h;
  const { text } = await f.ask("");
  await redis.set(readingsKey("b"), "x");
  await redis.zadd(SITES, 1, "b");
  assertEquals((await f.ask("")).text, text);
  const byName = await f.ask("?site_id=b&site_id=c");
  assertEquals(byName.response.status, 503);
  assertMatch(byName.text, /the key site_readings:b holds something else/);
  // Here there are readings, and leaving them out would go unnoticed.
  await redis.set(metaKey("c"), "x");
  const { response, text: problem } = await f.ask("");
  assertEquals(response.status, 503);
  assertMatch(problem, /the key site_meta:c holds something else/);
});

Deno.test("GET /export narrows by sites and by time", async () => {
  await using f = await filled();
  const { response, text } = await f.ask(
    "?site_id=c&site_id=b:1&site_id=c&from=2024-01-01T00:00:01Z&to=2024-01-01T00:00:03Z",
  );
  assertEquals(
    text,
    HEAD +
      ["b:1,a,1", "b:1,a,2", "c,a,1", "c,a,2"].map((line) =>
        `${line},2024-01-01T00:00:0${line.at(-1)}Z\r\n`
      ).join(""),
  );
  assertEquals(
    [response.status, response.headers.get("content-disposition")],
    [200, 'attachment; filename="readings.csv"'],
  );
  const one = await f.ask("?site_id=b:1&to=2024-01-01&tz=UTC");
  assertEquals(one.text, HEAD);
  assertEquals(
    one.response.headers.get("content-disposition"),
    'attachment; filename="readings-b_1.csv"',
  );
  assertEquals((await f.ask("?site_id=nowhere")).text, HEAD);
});

Deno.test("GET /export goes on behind the last line of a download that broke anywhere", async () => {
  await using f = await filled();
  for (const format of ["csv", "ndjson"]) {
    const { text } = await f.ask(`?format=${format}`);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: text.length }),
        async (length) => {
          // As `sed '$d'` and `tail -n 1` do.
          const part = text.slice(0, length).replace(/[^\n]*\n?$/, "");
          const last = part.trimEnd().split("\n").at(-1)!;
          const rest = await f.ask(
            `?format=${format}&cursor=${encodeURIComponent(last)}`,
          );
          assertEquals(rest.response.status, 200, rest.text);
          if (format === "csv") {
            assertMatch(
              rest.response.headers.get("content-type")!,
              last === "" ? /header=present$/ : /header=absent$/,
            );
          }
          assert(part + rest.text === text, `broken at ${length}`);
        },
      ),
      { numRuns: 15, examples: [[text.length], [HEAD.length + 4], [9]] },
    );
  }
});

Deno.test("GET /export goes on behind the very line, not one of another device or instant with the same power", async () => {
  await using h = await createHarness();
  for (
    const [device_id, timestamp] of [
      ["a", "2024-01-01T00:00:00Z"],
      ["b", "2024-01-01T00:00:00Z"],
      ["b", "2024-01-01T00:00:00.0001Z"],
      ["b", "2024-01-01T00:00:00.0002Z"],
      // It was stored while the clock was wrong.
      ["b", "2999-01-01T00:00:00Z"],
      // As another program writes it.
      ["b", "2024-01-01T00:00:01.500Z"],
      ["a", "2024-01-01T00:00:01Z"],
    ]
  ) {
    const reading = { site_id: "s", device_id, power_reading: 0, timestamp };
    await h.redis.rpush(
      readingsKey("s"),
      JSON.stringify({ ...reading, id: "1700000000000-0" }),
    );
  }
  await h.redis.zadd(SITES, 1, "s");
  const app = await h.app();
  const ask = async (query: string) =>
    await (await app.request(`/export?${query}`)).text();
  const [head, ...lines] = (await ask("")).trimEnd().split("\r\n");
  assertEquals([head, lines.length], [HEAD.trimEnd(), 7]);
  for (const [index, line] of lines.entries()) {
    const rest = lines.slice(index + 1).map((line) => `${line}\r\n`).join("");
    assertEquals(await ask(`cursor=${encodeURIComponent(line)}`), rest, line);
  }
});

Deno.test("GET /export goes on at the oldest reading that is left when the cursor's was removed", async () => {
  await using f = await filled();
  await setRolled(f.h, "b:1", 2300);
  await trimSite(f.h.redis, "b:1", { most: 1000 });
  const cursor = encodeURIComponent("b:1,a,500,2024-01-01T00:08:20Z");
  const { text } = await f.ask(`?cursor=${cursor}`);
  const lines = text.trimEnd().split("\r\n");
  assertEquals(lines[0].split(",")[2], "1000");
  assertEquals(lines.length, 1300 + 3);
});

Deno.test("GET /export takes what another program has written into the list", async () => {
  await using f = await filled();
  await f.h.redis.zadd(SITES, 1, "d");
  await f.h.redis.rpush(
    readingsKey("d"),
    '{"timestamp": "2024-01-01T00:00:00Z", "power_reading": 1.50, "device_id": "m", "site_id": "d", "more": 1}',
  );
  assertEquals(
    (await f.ask("?site_id=d")).text,
    `${HEAD}d,m,1.5,2024-01-01T00:00:00Z\r\n`,
  );
});

Deno.test("GET /export refuses what breaks a rule with a 422 that names the parameter", async () => {
  await using f = await filled();
  const line = (site: string, power: number) =>
    encodeURIComponent(`${site},a,${power},2024-01-01T00:00:00Z`);
  for (
    const [query, parameter] of [
      ["?format=xml", "format"],
      ["?site_id=a&site_id=a%20b", "site_id"],
      ["?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z", "from"],
      ["?from=2024-01-02", "from"],
      ["?cursor=12", "cursor"],
      ["?cursor=%7B", "cursor"],
      [`?cursor=${line("a", 12)}`, "cursor"],
      [`?site_id=b:1&cursor=${line("a", -20.5)}`, "cursor"],
      ["?sites=a", "sites"],
    ]
  ) {
    const { response, text } = await f.ask(query);
    assertEquals(response.status, 422, query);
    assertEquals(JSON.parse(text).errors[0].parameter, parameter, query);
  }
});
