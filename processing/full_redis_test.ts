import { createLog } from "../core/log.ts";
import { createMetrics } from "../core/metrics.ts";
import { daysKey, seriesKey } from "../core/keys.ts";
import { until } from "../dev/testing.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createProcessingMetrics } from "./metrics.ts";
import { retentionRounds } from "./retention.ts";
import { startRoller } from "./roller.ts";
import { goRound } from "./rounds.ts";
import { listSizes, sizeRounds } from "./site_sizes.ts";
import { readState } from "./site_state.ts";
import { fillUp } from "./testing/entries.ts";
import { eventsOf } from "./testing/events.ts";
import { createHarness } from "./testing/harness.ts";
import { series, storeReadings } from "./testing/site.ts";

const START = Date.UTC(2024, 0, 1);
const RANGE = "from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z";

Deno.test("a Redis that is full answers all that only reads as before", async () => {
  await using h = await createHarness({ own: true });
  await storeReadings(h, "a", series(2500, START));
  await storeReadings(h, "b", series(3, START));
  const app = await h.app();
  const answers: Record<string, string[]> = {
    "/sites": [""],
    "/sites/{site_id}/readings": [
      "",
      "?limit=3&order=desc",
      "?from=2024-01-01T00:20:00Z&to=2024-01-01T00:21:00Z&order=desc",
    ],
    "/sites/{site_id}/series": [`?${RANGE}&step=15m`],
    "/export": ["", "?format=ndjson", "?format=parquet&site_id=a", `?${RANGE}`],
    "/dead-letters": [""],
  };
  const changing = [
    "/pipeline",
    "/pipeline/sites",
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
  ];
  const events = ["/live", "/sites/{site_id}/live"];
  const { paths } = await (await app.request("/openapi.json")).json();
  const asked = [...Object.keys(answers), ...changing, ...events];
  assertEquals(
    Object.keys(paths).filter((path) => "get" in paths[path]).sort(),
    asked.concat("/docs", "/openapi.json").sort(),
    "every path that can be read is asked for here",
  );

  const ask = async () => {
    const found: [string, number, string][] = [];
    for (const [path, queries] of Object.entries(answers)) {
      for (const query of queries) {
        const url = path.replace("{site_id}", "a") + query;
        const response = await app.request(url);
        found.push([url, response.status, await response.text()]);
      }
    }
    return found;
  };
  const before = await ask();
  for (const [url, status] of before) assertEquals([url, status], [url, 200]);
  await fillUp(h);
  assertEquals(await ask(), before);
  const since = "/sites?since=2024-01-01T00:00:00Z&step=1d";
  for (const path of [...changing, since]) {
    const response = await app.request(path);
    assertEquals([path, response.status], [path, 200]);
    await response.text();
  }
  for (const path of events) {
    const following = eventsOf(
      await app.request(path.replace("{site_id}", "a"), {
        headers: path === "/live" ? {} : { "last-event-id": "2000" },
      }),
    );
    await following.next();
    await following.close();
  }
});

Deno.test("what is stored in a Redis that is full is summed up and measured, and retention makes room", async () => {
  await using h = await createHarness({ own: true });
  await storeReadings(h, "a", series(2500, START));
  await h.redis.hset(seriesKey("a", 100, "a"), "0", "x");
  await h.redis.zadd(daysKey("a"), 100, "100:a");
  await fillUp(h);
  const roller = startRoller({
    redis: await h.connect(),
    maxGapMs: 900_000,
    name: "a",
    log: await createLog("test", h.config),
    metrics: createProcessingMetrics(createMetrics()),
  });
  await until(async () => (await readState(h.redis, "a")).rolled === 2500, {
    message: "it is rolled up",
  });
  await roller.stop();
  await goRound(h.redis, sizeRounds(h.redis));
  assert((await listSizes(h.redis, 0, 1)).bytes > 0);
  await goRound(
    h.redis,
    retentionRounds(h.redis, {
      SITE_READINGS_MAX: 600,
      SERIES_RETENTION: 86_400_000,
    })!,
  );
  assertEquals((await h.powers("a")).length, 1500);
  assertEquals(await h.redis.exists(seriesKey("a", 100, "a"), daysKey("a")), 0);
});

Deno.test("a site can be deleted from a Redis that is full", async () => {
  await using h = await createHarness({ own: true });
  await storeReadings(h, "a", series(1500, START));
  const app = await h.app();
  await fillUp(h);
  const response = await app.request("/sites/a", { method: "DELETE" });
  assertEquals(response.status, 204);
  await until(async () => await h.redis.exists("site_readings:a") === 0, {
    message: "it is gone",
  });
  const left = await h.redis.keys("site_*:a*");
  assert(left.length === 0, left.join());
});
