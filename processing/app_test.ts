import { STREAM } from "../core/keys.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

/** A harness whose site-001 has so many readings, of two devices in turn. */
async function filled(count: number): Promise<Harness> {
  const h = await createHarness();
  const consumer = await h.consume("a");
  await h.add(
    Array.from({ length: count }, (_, power) => ({
      power,
      device: `meter-${power % 2}`,
      at: new Date(Date.UTC(2024, 0, 1) + power * 60_000).toISOString(),
    })),
  );
  await until(async () => (await h.powers()).length === count, {
    message: "all are stored",
  });
  await consumer.stop();
  return h;
}

const powers = (readings: { power_reading: number }[]) =>
  readings.map(({ power_reading }) => power_reading);

Deno.test("GET /sites/{site_id}/readings gives all of them, each with the id of its entry", async () => {
  await using h = await filled(2345);
  const app = await h.app();
  const body = await (await app.request("/sites/site-001/readings")).json();
  assertEquals([body.site_id, body.count], ["site-001", 2345]);
  assertEquals(
    powers(body.readings),
    Array.from({ length: 2345 }, (_, i) => i),
  );
  const [entry] = await h.redis.xrange(STREAM, "-", "+", "COUNT", 1);
  assertEquals(body.readings[0], {
    site_id: "site-001",
    device_id: "meter-0",
    power_reading: 0,
    timestamp: "2024-01-01T00:00:00Z",
    id: entry[0],
  });
});

Deno.test("GET /sites/{site_id}/readings is an empty list for a site that nobody has heard of", async () => {
  await using h = await createHarness();
  const app = await h.app();
  assertEquals(await (await app.request("/sites/nowhere/readings")).json(), {
    site_id: "nowhere",
    count: 0,
    readings: [],
  });
});

Deno.test("GET /sites/{site_id}/readings follows its Link headers through all, either way, with and without a device", async () => {
  await using h = await filled(2500);
  const app = await h.app();
  for (const order of ["asc", "desc"]) {
    for (const device of ["", "&device_id=meter-1"]) {
      const all: number[] = [];
      let path: string | undefined =
        `/sites/site-001/readings?limit=700&order=${order}${device}`;
      let pages = 0;
      while (path !== undefined) {
        const response: Response = await app.request(path);
        all.push(...powers((await response.json()).readings));
        path = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")
          ?.[1];
        pages++;
      }
      const expected = Array.from({ length: 2500 }, (_, i) => i)
        .filter((i) => device === "" || i % 2 === 1);
      if (order === "desc") expected.reverse();
      assertEquals(all, expected);
      assertEquals(pages, Math.ceil(expected.length / 700));
    }
  }
});

Deno.test("GET /sites/{site_id}/readings sends NDJSON and CSV when they are asked for", async () => {
  await using h = await filled(3);
  const app = await h.app();
  const as = async (accept: string) => {
    const response = await app.request("/sites/site-001/readings", {
      headers: { accept },
    });
    return [response.headers.get("content-type"), await response.text()];
  };
  const [type, csv] = await as("text/csv");
  assertEquals(type, "text/csv; charset=utf-8; header=present");
  assertEquals(
    csv!.split("\r\n")[1],
    "site-001,meter-0,0,2024-01-01T00:00:00Z",
  );
  const [, ndjson] = await as("application/x-ndjson;q=0.9, text/plain");
  assertEquals(
    ndjson!.trimEnd().split("\n").map((line) => JSON.parse(line).power_reading),
    [0, 1, 2],
  );
  assertEquals((await as("*/*"))[0], "application/json");
});

Deno.test("GET /sites gives each device's newest reading by timestamp, whatever came last", async () => {
  await using h = await createHarness();
  await h.consume("a");
  await h.add([
    { power: 1, at: "2024-01-02T00:00:00Z" },
    { power: 2, at: "2024-01-02T00:00:00.5Z" },
    { power: 3, at: "2024-01-01T00:00:00Z" },
    { power: 4, device: "meter-2" },
    { power: 5, site: "another" },
  ]);
  await until(async () => (await h.powers("another")).length === 1, {
    message: "all are stored",
  });
  await h.add([{ power: 6, at: "2024-01-01T12:00:00Z" }]);
  await until(async () => (await h.powers()).length === 5, {
    message: "the late one is stored",
  });
  const app = await h.app();
  const { count, sites } = await (await app.request("/sites")).json();
  assertEquals([count, sites[0].site_id, sites[1].site_id, sites[1].count], [
    2,
    "another",
    "site-001",
    5,
  ]);
  assertEquals(sites[1].devices, [
    {
      device_id: "meter-1",
      power_reading: 2,
      timestamp: "2024-01-02T00:00:00.5Z",
    },
    {
      device_id: "meter-2",
      power_reading: 4,
      timestamp: "2024-01-15T10:30:00Z",
    },
  ]);
  assert(Math.abs(Date.parse(sites[1].last_heard) - Date.now()) < 60_000);
});

Deno.test("GET /pipeline tells of lag, pending and consumers", async () => {
  await using h = await createHarness();
  await h.add([{ power: 1 }, { power: 2 }, { power: 3 }]);
  await h.deliver("slow", 1);
  const app = await h.app();
  const { stream, group, redis } = await (await app.request("/pipeline"))
    .json();
  assertEquals(stream.length, 3);
  assertEquals([group.lag, group.pending, group.backlog], [2, 1, 3]);
  assertEquals(group.consumers[0].name, "slow");
  assertEquals(group.consumers[0].alive, false);
  assertEquals(redis.policy, "noeviction");
});

Deno.test("dead letters are listed, replayed once, and deleted, one or all", async () => {
  await using h = await createHarness();
  const consumer = await h.consume("a");
  for (let i = 0; i < 4; i++) {
    await h.redis.xadd(STREAM, "*", "site_id", "a", "wrong", String(i));
  }
  await until(async () => await h.redis.xlen("energy_readings:dead") === 4, {
    message: "they are dead letters",
  });
  await consumer.stop();
  const app = await h.app();
  const list = async () => (await (await app.request("/dead-letters")).json());
  const { count, dead_letters: [first, second] } = await list();
  assertEquals([count, first.fields.wrong, first.deliveries], [4, "0", 1]);
  const call = async (method: string, path: string) => {
    const response = await app.request(path, { method });
    return [response.status, await response.json()] as const;
  };
  const replays = await Promise.all(
    [1, 2, 3].map(() => call("POST", `/dead-letters/${first.id}/replay`)),
  );
  assertEquals(replays.map(([status]) => status).sort(), [200, 404, 404]);
  const [entry] = await h.redis.xrevrange(STREAM, "+", "-", "COUNT", 1);
  assertEquals(entry[1], ["site_id", "a", "wrong", "0"]);
  assertEquals((await call("DELETE", `/dead-letters/${second.id}`))[0], 200);
  assertEquals((await call("DELETE", `/dead-letters/${second.id}`))[0], 404);
  assertEquals((await call("POST", "/dead-letters/replay"))[1].replayed, 2);
  assertEquals((await list()).count, 0);
  assertEquals((await call("DELETE", "/dead-letters"))[1].deleted, 0);
});

Deno.test("parameters that break a rule get a 422 that names them", async () => {
  await using h = await createHarness();
  const app = await h.app();
  for (
    const [path, parameter] of [
      ["/sites/-x/readings", "site_id"],
      ["/sites/a/readings?limit=0", "limit"],
      ["/sites/a/readings?limit=10001", "limit"],
      ["/sites/a/readings?order=up", "order"],
      ["/sites/a/readings?cursor=!", "cursor"],
      ["/sites/a/readings?limit=1e3", "limit"],
      [`/sites/a/readings?cursor=${btoa("5 asc b")}`, "cursor"],
      [`/sites/a/readings?cursor=${btoa("5 desc a")}`, "cursor"],
      ["/sites/a/readings?device_id=%20", "device_id"],
      ["/sites/a/readings?colour=red", "colour"],
      ["/dead-letters?cursor=x", "cursor"],
      ["/dead-letters?limit=x", "limit"],
    ]
  ) {
    const response = await app.request(path);
    const problem = await response.json();
    assertEquals([response.status, problem.errors[0].parameter], [
      422,
      parameter,
    ], path);
    assertMatch(response.headers.get("content-type")!, /problem\+json/);
  }
  for (const limit of [1, 10_000]) {
    const { status } = await app.request(`/sites/a/readings?limit=${limit}`);
    assertEquals([limit, status], [limit, 200]);
  }
});

Deno.test("a method or path that is not there gets 405 with Allow, or 404", async () => {
  await using h = await createHarness();
  const app = await h.app();
  const wrong = await app.request("/sites", { method: "PUT" });
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "GET"]);
  assertEquals((await app.request("/nothing")).status, 404);
});

Deno.test("without Redis, health and reads answer 503 and liveness goes on", async () => {
  await using h = await createHarness({ own: true });
  const app = await h.app();
  assertEquals((await app.request("/health")).status, 200);
  await h.redis.call("CLIENT", "PAUSE", "60000", "ALL");
  const underWay = app.request("/sites");
  await h.server.kill();
  assertEquals((await underWay).status, 503);
  await until(() => h.redis.status !== "ready", { message: "it is noticed" });
  assertEquals((await app.request("/health")).status, 503);
  const response = await app.request("/sites");
  assertEquals([response.status, response.headers.get("retry-after")], [
    503,
    "1",
  ]);
  assertEquals((await app.request("/livez")).status, 200);
  await h.server.restart();
  await until(async () => (await app.request("/sites")).status === 200, {
    message: "it is back by itself",
  });
});
