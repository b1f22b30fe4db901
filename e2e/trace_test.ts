/**
 * Traces and logs across both services.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { numbered, numberedBatch, post } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

function lines(logs: string): Record<string, unknown>[] {
  return logs.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("a traceparent goes from the request through the stream into the log of processing", async () => {
  await using system = await startSystem();
  const { ingestion, replicas: [processing] } = system;
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const { body } = await post(ingestion.url, numbered(3), { traceparent });
  const batch = await post(ingestion.url, numberedBatch(10, 3), {
    traceparent: traceparent.replace(TRACE, "1".repeat(32)),
  });
  assertEquals(batch.status, 202);
  await post(ingestion.url, numbered(4));
  const traced = await until(() => {
    const traced = lines(processing.logs()).filter((line) =>
      "traceparent" in line
    );
    return traced.length >= 4 && traced;
  }, { message: "all that is traced is logged" });
  await system.drained();
  assertEquals(traced.length, 4, "and nothing else is");
  const [line] = traced;
  assertEquals([line.level, line.id, line.traceparent], [
    "info",
    body.id,
    traceparent,
  ]);
  assert(Number(line.after_ms) >= 0, "it says how long it took");
});

Deno.test("every line of both logs is JSON with time, level, service and message", async () => {
  await using system = await startSystem({
    ingestion: { LOG_LEVEL: "debug" },
    processing: { LOG_LEVEL: "debug" },
  });
  const { ingestion, replicas: [processing] } = system;
  await post(ingestion.url, numbered(1), { "x-request-id": "request-77" });
  await post(ingestion.url, { no: "reading" });
  await system.drained();
  for (const service of [ingestion, processing]) {
    await service.stop();
    for (const line of lines(service.logs())) {
      for (const name of ["time", "level", "service", "message"]) {
        assertEquals(typeof line[name], "string", JSON.stringify(line));
      }
    }
  }
  const request = lines(ingestion.logs()).find((line) =>
    line.request_id === "request-77"
  );
  assertEquals([request?.status, request?.route], [202, "/readings"]);
});
