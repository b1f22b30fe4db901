/**
 * The first calls that a newcomer makes.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { startSystem } from "./testing/system.ts";

const README = new URL("../README.md", import.meta.url);

/** What the files of the README's calls hold. */
const CSV = `site_id,device_id,power_reading,timestamp
site-001,meter-42,1500.5,2024-01-15T10:30:00Z
`;

/** The calls of the README's section on curl, each as a shell would have it; those with an ellipsis are none. */
async function curlCalls(): Promise<string[]> {
  const [, section] = (await Deno.readTextFile(README))
    .split("## The API by curl\n");
  return [
    ...section.split("\n## ")[0].matchAll(/^ {4}(curl (?:.*\\\n)*.*)$/gm),
  ].map(([, call]) => call).filter((call) => !call.includes("…"));
}

/** Takes a call apart as a shell does. */
async function wordsOf(call: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", `curl() { printf '%s\\0' "$@"; }\n${call}`],
  }).output();
  assert(success, call);
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

/** Makes the request that curl would make. */
function requestOf(words: string[]): Request {
  const headers = new Headers();
  let method: string | undefined, body: string | undefined, url = "";
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-X") method = words.shift();
    else if (word === "-H") {
      const [name, ...value] = words.shift()!.split(": ");
      headers.set(name, value.join(": "));
    } else if (word === "-d") body = words.shift();
    else if (word === "-T" || word === "--data-binary") {
      words.shift();
      body = CSV;
    } else if (word === "-o") words.shift();
    else if (word !== "-N") url = word;
  }
  return new Request(`http://${url}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers,
    body,
  });
}

Deno.test("the four calls of a first try: both are healthy, a reading goes in and comes back as it was sent", async () => {
  await using system = await startSystem();
  const [processing] = system.replicas;
  for (const { url } of [system.ingestion, processing]) {
    const response = await fetch(`${url}/health`);
    assertEquals(response.status, 200);
    const { status, redis } = await response.json();
    assertEquals([status, redis], ["healthy", "connected"]);
  }

  const sent = {
    site_id: "site-001",
    device_id: "meter-42",
    power_reading: 1500.5,
    timestamp: "2024-01-15T10:30:00Z",
  };
  const posted = await fetch(`${system.ingestion.url}/readings`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(sent),
  });
  assertEquals(posted.status, 202);
  const answer = await posted.json();
  assertEquals(Object.keys(answer), ["status", "id"]);
  assertEquals(answer.status, "accepted");
  assertMatch(answer.id, /^\d+-\d+$/);

  const stored = await until(async () => {
    const response = await fetch(`${processing.url}/sites/site-001/readings`);
    const body = await response.json();
    return body.count === 1 && body;
  }, { message: "the reading is stored" });
  assertEquals(stored, {
    site_id: "site-001",
    count: 1,
    readings: [{ ...sent, id: answer.id }],
  });
});

Deno.test("a site that nobody has heard of has no readings", async () => {
  await using system = await startSystem();
  const [processing] = system.replicas;
  const response = await fetch(`${processing.url}/sites/nowhere/readings`);
  assertEquals(response.status, 200);
  assertEquals(await response.json(), {
    site_id: "nowhere",
    count: 0,
    readings: [],
  });
});

Deno.test("the README's calls are answered as they stand", async () => {
  await using system = await startSystem();
  const [processing] = system.replicas;
  // What a call takes out of a file that another one made is not as it stands.
  const calls = (await curlCalls()).filter((call) => !call.includes("$("));
  assert(calls.length > 15, `${calls.length} calls`);
  for (const call of calls) {
    const here = call.replace(
      "localhost:8000",
      new URL(system.ingestion.url).host,
    )
      .replace("localhost:8001", new URL(processing.url).host);
    const response = await fetch(requestOf(await wordsOf(here)));
    // Events have no end.
    const answer = call.includes(" -N ") ? "" : await response.text();
    if (!response.bodyUsed) await response.body?.cancel();
    assert(response.ok, `${call}\n${response.status} ${answer}`);
  }
});
