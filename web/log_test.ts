/**
 * What the dashboard says in its log.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createLog } from "../core/log.ts";
import { SERVICE } from "./log.ts";
import { startDashboard } from "./testing/dashboard.ts";
import { startFake } from "./testing/fake.ts";

Deno.test("a page that has nothing to show is a line of the log, with its path and the reason", async () => {
  const detail = "Redis cannot be used: it cannot be reached.";
  const fake = startFake({
    answer: () => Response.json({ detail }, { status: 503 }),
  });
  const dashboard = await startDashboard({
    ingestion: fake.url,
    processing: fake.url,
  });
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => lines.push(line);
  try {
    await createLog(SERVICE, { LOG_LEVEL: "info", LOG_FORMAT: "json" });
    for (const path of ["/", "/sites/house-001", "/pipeline"]) {
      const { status, body } = await fetch(dashboard.url + path);
      await body?.cancel();
      assert.equal(status, 503);
      const { level, service, path: named, why } = JSON.parse(lines.pop()!);
      assert.deepEqual(
        { level, service, named, why },
        { level: "warning", service: "web", named: path, why: detail },
      );
    }
    assert.deepEqual(lines, []);
  } finally {
    console.log = log;
    await dashboard.stop();
    await fake.stop();
  }
});
