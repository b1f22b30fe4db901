/**
 * The first calls that a newcomer makes.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { startSystem } from "./testing/system.ts";

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
