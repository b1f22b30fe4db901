/**
 * What is exported can be posted as it is, and is then the same.
 *
 * @module
 */

import { assertEquals } from "../dev/testing/assert.ts";
import { startSystem } from "./testing/system.ts";

const READINGS = [
  ["site-1", "meter-1", 1500.5, "2024-01-15T11:30:00+01:00"],
  ["site-1", "meter-1", -0.1, "2024-01-15T10:30:00.123456789Z"],
  ["site-1", "m:2_x.y", 1e-7, "1970-01-01T00:00:00Z"],
  ["site-1", "m:2_x.y", -1e9, "2024-01-15T10:30:00.5Z"],
  ["a:b", "0", 123456789.12345679, "2024-02-29T23:59:59Z"],
  ["a:b", "0", 0, "2024-02-29T23:59:59Z"],
].map(([site_id, device_id, power_reading, timestamp]) => ({
  site_id,
  device_id,
  power_reading,
  timestamp,
}));

Deno.test("what is exported as CSV or NDJSON can be posted as it is, and is then the same", async () => {
  await using system = await startSystem();
  const { ingestion, replicas: [processing] } = system;
  const post = async (type: string, body: string, lenient: boolean) => {
    const response = await fetch(`${ingestion.url}/readings`, {
      method: "POST",
      headers: {
        "content-type": type,
        ...(lenient && { prefer: "handling=lenient" }),
      },
      body,
    });
    const answer = await response.json();
    assertEquals(response.status, 202, JSON.stringify(answer));
    assertEquals(answer.accepted, READINGS.length);
    await system.drained();
  };
  await post("application/json", JSON.stringify(READINGS), false);
  for (const lenient of [false, true]) {
    for (const type of ["text/csv", "application/x-ndjson"]) {
      const get = async () => {
        const response = await fetch(`${processing.url}/export`, {
          headers: { accept: type },
        });
        return await response.text();
      };
      const exported = await get();
      for (const site of ["site-1", "a:b"]) {
        const { status } = await fetch(`${processing.url}/sites/${site}`, {
          method: "DELETE",
        });
        assertEquals(status, 204);
      }
      await post(type, exported, lenient);
      assertEquals(await get(), exported);
    }
  }
});
