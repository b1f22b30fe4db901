import { devicesKey, readingsKey, SITES } from "../core/keys.ts";
import { outcomeOf } from "../core/redis_error.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
} from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { held, storeEntries } from "./testing/entries.ts";
import { eventsOf } from "./testing/events.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { series, storeReadings } from "./testing/site.ts";

const DAY = 86_400_000;

/** What a Redis answers that refuses a command, as one that is lost refuses all behind some point. */
async function refusing<T>(
  { redis }: Harness,
  command: string,
  ask: () => Promise<T>,
): Promise<T> {
  await redis.call("ACL", "SETUSER", "default", `-${command}`);
  try {
    return await ask();
  } finally {
    await redis.call("ACL", "SETUSER", "default", `+${command}`);
  }
}

Deno.test("what Redis refuses a part of is a 503, or an event later, rather than sites without counts, devices, sums or readings", async () => {
  await using h = await createHarness({ own: true });
  const { redis } = h;
  const app = await h.app();
  await storeReadings(h, "a", series(5, Date.now() - 60_000));
  const since = new Date(Date.now() - DAY).toISOString();
  for (
    const [command, path] of [
      ["llen", "/sites"],
      ["hvals", "/sites"],
      ["hvals", `/sites?since=${since}`],
      ["lrange", `/sites?since=${since}`],
      ["llen", "/sites/a/readings"],
      ["lrange", "/sites/a/readings"],
    ]
  ) {
    const response = await refusing(h, command, () => app.request(path));
    const { detail } = await response.json();
    assertEquals([path, response.status], [path, 503], command);
    assertMatch(detail, /its user may not do this/);
  }
  await redis.call("ACL", "LOG", "RESET");
  const { events, first } = await refusing(h, "hvals", async () => {
    const events = eventsOf(await app.request("/live"));
    const first = events.next();
    await until(async () => {
      const refused = await redis.call("ACL", "LOG") as unknown[];
      return refused.length > 0;
    }, { message: "it was asked in vain" });
    return { events, first };
  });
  const { data } = await first;
  assertEquals(data.sites.a.devices.length, 1);
  await events.close();
});

Deno.test("nothing is acknowledged of what Redis refuses a part of storing, and all of it is stored when it no longer does", async () => {
  await using h = await createHarness({ own: true });
  await h.add([{ power: 1 }, { power: 2 }, { power: 3, site: "b" }]);
  const entries = await held(h);
  const store = () =>
    assertRejects(() => storeEntries(h.redis, entries), /NOPERM/);
  const commands =
    "rpush llen hmget hset lindex lset del publish zadd hincrby hget get set xinfo|groups";
  for (const command of commands.split(" ")) {
    const error = await refusing(h, command, store);
    assertEquals(outcomeOf(error).outcome, "refused", command);
    assertEquals(await h.pending(), 3, command);
  }
  // A new user may publish to no channel, which is soon overlooked.
  await h.redis.call("ACL", "SETUSER", "default", "resetchannels");
  await store();
  assertEquals(await h.pending(), 3);
  await h.redis.call("ACL", "SETUSER", "default", "allchannels");
  await storeEntries(h.redis, entries);
  assertEquals([await h.powers(), await h.powers("b")], [[1, 2], [3]]);
  assertEquals(await h.pending(), 0);
});

Deno.test("GET /sites lists all of many sites by name, each with its own", async () => {
  await using h = await createHarness();
  const names = Array.from({ length: 1201 }, (_, i) => `s${1000 + i}`);
  const pipeline = h.redis.pipeline();
  for (const [index, site_id] of names.entries()) {
    const device = (name: string) =>
      [name, JSON.stringify({ device_id: name })] as const;
    pipeline.zadd(SITES, -index, site_id)
      .rpush(readingsKey(site_id), ...Array(1 + index % 3).fill("{}"))
      .hset(devicesKey(site_id), ...device("z"), ...device(`d${index}`));
  }
  await pipeline.exec();
  const app = await h.app();
  const { count, sites } = await (await app.request("/sites")).json();
  assertEquals(count, names.length);
  for (const [index, { site_id, count, devices }] of sites.entries()) {
    const ids = devices.map((device: { device_id: string }) =>
      device.device_id
    );
    assertEquals(
      [site_id, count, ids],
      [names[index], 1 + index % 3, [`d${index}`, "z"]],
    );
  }
});

Deno.test("GET /sites lists a site with more devices than a script can return one by one", async () => {
  await using h = await createHarness();
  const count = 20_000;
  const devices = Array.from({ length: count }, (_, i) => `d${i}`);
  await h.redis.zadd(SITES, 1, "s");
  await h.redis.hset(
    devicesKey("s"),
    ...devices.flatMap((name) => [name, JSON.stringify({ device_id: name })]),
  );
  const { sites } = await (await (await h.app()).request("/sites")).json();
  assertEquals(sites[0].devices.length, count);
});
