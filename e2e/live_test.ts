/**
 * Server-sent events through real HTTP, across restarts.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { eventsOf, type ServerEvent } from "../processing/testing/events.ts";
import { post, postUntilTaken } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

const SECOND = 1000;

function reading(power: number, timestamp = new Date().toISOString()) {
  return {
    site_id: "site-1",
    device_id: "meter-1",
    power_reading: power,
    timestamp,
  };
}

/** Follows as a browser does: when the events end, it asks again with the id of the last. */
function follow(url: string) {
  const seen: ServerEvent[] = [];
  const gone = new AbortController();
  let connections = 0, last = "";
  const reader = (async () => {
    while (!gone.signal.aborted) {
      const response = await fetch(url, {
        headers: last === "" ? {} : { "last-event-id": last },
        signal: gone.signal,
      }).catch(() => undefined);
      if (response?.status !== 200) {
        await response?.body?.cancel();
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      connections++;
      const events = eventsOf(response);
      try {
        for (;;) {
          const event = await events.next();
          if (event.id !== undefined) last = event.id;
          seen.push(event);
        }
      } catch { /* The events have ended. */ }
      await events.close().catch(() => {});
    }
  })();
  return {
    seen,
    get connections() {
      return connections;
    },
    connected: () => until(() => connections > 0, { message: "it follows" }),
    async [Symbol.asyncDispose]() {
      gone.abort();
      await reader;
    },
  };
}

Deno.test("GET /sites/{site_id}/live sends a reading within a second of its POST", async () => {
  await using system = await startSystem();
  await using follower = follow(
    `${system.replicas[0].url}/sites/site-1/live`,
  );
  await follower.connected();
  for (let power = 0; power < 3; power++) {
    const start = performance.now();
    assertEquals(
      (await post(system.ingestion.url, reading(power))).status,
      202,
    );
    await until(() => follower.seen.length === power + 1, {
      message: "the event is there",
    });
    assert(performance.now() - start < SECOND, "within a second");
    assertEquals(follower.seen[power].event, "reading");
    assertEquals(follower.seen[power].data.power_reading, power);
    assertEquals(follower.seen[power].id, String(power));
  }
});

Deno.test("GET /live sends a snapshot, then what has changed within a second of its POST", async () => {
  await using system = await startSystem();
  await post(system.ingestion.url, reading(1));
  await system.drained();
  await using follower = follow(`${system.replicas[0].url}/live`);
  await until(() => follower.seen.length > 0, { message: "the snapshot" });
  const [snapshot] = follower.seen;
  assertEquals(snapshot.event, "snapshot");
  assertEquals(snapshot.data.sites["site-1"].devices[0].power_reading, 1);
  const start = performance.now();
  await post(system.ingestion.url, reading(2));
  await until(() =>
    follower.seen.at(-1)?.data.sites["site-1"]?.devices[0].power_reading === 2
  );
  assert(performance.now() - start < SECOND, "within a second");
});

Deno.test("every replica sends events of what any of them stores", async () => {
  await using system = await startSystem({ replicas: 2 });
  await using stack = new AsyncDisposableStack();
  const followers = system.replicas.map(({ url }) =>
    stack.use(follow(`${url}/sites/site-1/live`))
  );
  for (const follower of followers) await follower.connected();
  for (let power = 0; power < 20; power++) {
    await post(system.ingestion.url, reading(power));
  }
  for (const { seen } of followers) {
    await until(() => seen.length >= 20, { message: "all events are there" });
    assertEquals(ids(seen), numbers(20));
  }
  assertEquals(powers(followers[0].seen), powers(followers[1].seen));
});

Deno.test("a follower that resumes with Last-Event-ID misses nothing and gets nothing twice while Redis and processing are killed", async () => {
  await using system = await startSystem({
    redis: { persist: true },
    processing: { CLAIM_IDLE_MS: "500" },
  });
  const { ingestion, redis, client } = system;
  const [replica] = system.replicas;
  await using follower = follow(`${replica.url}/sites/site-1/live`);
  await using overview = follow(`${replica.url}/live`);
  await follower.connected();
  let sent = 0;
  const send = async (count: number) => {
    for (const until = sent + count; sent < until; sent++) {
      await postUntilTaken(ingestion.url, [reading(sent)], `live-${sent}`);
    }
  };
  await send(50);
  const sending = send(100);
  await until(() => follower.seen.length > 60, { message: "it goes on" });
  await redis.kill("SIGKILL");
  await redis.restart();
  await sending;
  replica.kill("SIGKILL");
  await replica.exited;
  await send(50);
  await system.startReplica({ PORT: String(replica.port) });
  await send(50);
  await until(() => follower.seen.length >= sent, {
    timeout: 20_000,
    message: "all events are there",
  });
  await system.drained();
  const list = (await client.lrange("site_readings:site-1", 0, -1)).map((it) =>
    JSON.parse(it)
  );
  assertEquals(ids(follower.seen), numbers(sent), "no gap, no repetition");
  assertEquals(follower.seen.map(({ data }) => data), list);
  assert(follower.connections > 1, "it had to resume");
  await until(
    () =>
      overview.seen.at(-1)?.data.sites["site-1"]?.devices[0].power_reading ===
        sent - 1,
    { message: "the overview has the newest" },
  );
});

function ids(events: ServerEvent[]): number[] {
  return events.map(({ id }) => Number(id));
}

function powers(events: ServerEvent[]): number[] {
  return events.map(({ data }) => data.power_reading);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
