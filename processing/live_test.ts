import { assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { eventsOf } from "./testing/events.ts";
import { createHarness } from "./testing/harness.ts";

Deno.test("GET /sites/{site_id}/live sends each reading as it is stored, with its position", async () => {
  await using h = await createHarness();
  await h.consume("a");
  await h.add([{ power: 1 }]);
  await until(async () => (await h.powers()).length === 1, {
    message: "the first is stored",
  });
  const app = await h.app();
  const answer = await app.request("/sites/site-001/live");
  // What stands between must neither keep events nor hold them back.
  assertEquals(
    ["content-type", "cache-control", "x-accel-buffering"].map((name) =>
      answer.headers.get(name)
    ),
    ["text/event-stream", "no-cache", "no"],
  );
  const events = eventsOf(answer);
  await h.add([{ power: 2 }, { power: 99, site: "other" }, { power: 3 }]);
  for (const [id, power] of [["1", 2], ["2", 3]]) {
    const event = await events.next();
    assertEquals([event.event, event.id, event.data.power_reading], [
      "reading",
      id,
      power,
    ]);
  }
  await events.close();
});

Deno.test("GET /sites/{site_id}/live resumes behind Last-Event-ID without a gap", async () => {
  await using h = await createHarness();
  await h.consume("a");
  await h.add(Array.from({ length: 1200 }, (_, power) => ({ power })));
  await until(async () => (await h.powers()).length === 1200, {
    message: "all are stored",
  });
  const app = await h.app();
  const events = eventsOf(
    await app.request("/sites/site-001/live", {
      headers: { "last-event-id": "99" },
    }),
  );
  await h.add([{ power: 1200 }]);
  for (let power = 100; power <= 1200; power++) {
    assertEquals((await events.next()).data.power_reading, power);
  }
  await events.close();
  const bad = await app.request("/sites/site-001/live", {
    headers: { "last-event-id": "x" },
  });
  assertEquals(bad.status, 422);
});

Deno.test("GET /live sends the newest of every device, then only what changed", async () => {
  await using h = await createHarness();
  await h.consume("a");
  await h.add([{ power: 1 }, { power: 2, device: "meter-2" }, {
    power: 3,
    site: "other",
  }]);
  await until(async () => (await h.powers("other")).length === 1, {
    message: "all are stored",
  });
  const app = await h.app();
  const events = eventsOf(await app.request("/live"));
  const snapshot = await events.next();
  assertEquals(snapshot.event, "snapshot");
  assertEquals(Object.keys(snapshot.data.sites).sort(), ["other", "site-001"]);
  assertEquals(snapshot.data.sites["site-001"].devices.length, 2);
  await h.add([{ power: 5, at: "2024-01-16T00:00:00Z" }]);
  const update = await events.next();
  assertEquals(update.event, "update");
  assertEquals(Object.keys(update.data.sites), ["site-001"]);
  assertEquals(update.data.sites["site-001"].devices, [{
    device_id: "meter-1",
    power_reading: 5,
    timestamp: "2024-01-16T00:00:00Z",
  }]);
  await events.close();
});

Deno.test("GET /live sends at most four events a second, however many readings arrive", async () => {
  await using h = await createHarness();
  await h.consume("a");
  const app = await h.app();
  const events = eventsOf(await app.request("/live"));
  await events.next();
  const start = Date.now();
  let updates = 0, newest = -1;
  const sending = (async () => {
    for (let power = 0; power < 400; power++) await h.add([{ power }]);
  })();
  while (newest < 399) {
    newest =
      (await events.next()).data.sites["site-001"].devices[0].power_reading;
    updates++;
  }
  await sending;
  const allowed = Math.ceil((Date.now() - start) / 250) + 1;
  assertEquals(
    updates <= allowed,
    true,
    `${updates} updates, ${allowed} allowed`,
  );
  await events.close();
});

Deno.test("a follower misses nothing while Redis is restarted", async () => {
  await using h = await createHarness({ persist: true });
  await h.consume("a");
  await h.add([{ power: 0 }]);
  await until(async () => (await h.powers()).length === 1, {
    message: "the first is stored",
  });
  const app = await h.app();
  const all = eventsOf(await app.request("/live"));
  await all.next();
  await h.server.kill();
  await h.server.restart();
  await until(() => h.redis.status === "ready", { message: "Redis is back" });
  await h.add([{ power: 7, at: "2024-02-01T00:00:00Z" }]);
  let event = await all.next();
  while (event.data.sites["site-001"]?.devices[0]?.power_reading !== 7) {
    event = await all.next();
  }
  await all.close();
});

Deno.test("HEAD of live events leaves nobody who follows them", async () => {
  await using h = await createHarness({ own: true });
  const app = await h.app();
  for (const path of ["/sites/site-001/live", "/live"]) {
    const answer = await app.request(path, { method: "HEAD" });
    assertEquals(answer.status, 200);
    assertEquals(answer.body, null);
  }
  await until(async () => {
    const commands = await h.redis.info("commandstats");
    return commands.includes("cmdstat_subscribe:") &&
      commands.includes("cmdstat_psubscribe:");
  }, { message: "both were followed" });
  await until(
    async () =>
      Number(await h.redis.pubsub("NUMPAT")) === 0 &&
      (await h.redis.pubsub("CHANNELS")).length === 0,
    { message: "nobody follows" },
  );
});
