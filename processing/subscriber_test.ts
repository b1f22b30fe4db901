import { liveChannel } from "../core/keys.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createSubscriber } from "./subscriber.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

/** Follows two sites and all of them, and counts what each is told. */
async function followers(h: Harness) {
  const redis = await h.connect();
  const subscriber = createSubscriber(redis);
  const told = { a: 0, b: 0, any: 0, all: [] as (string | undefined)[] };
  return {
    redis,
    told,
    follow(site: "a" | "b") {
      return subscriber.follow(site, () => told[site]++);
    },
    followAll() {
      return subscriber.followAll((site) => {
        if (site === undefined) told.any++;
        else told.all.push(site);
      });
    },
  };
}

const publish = (h: Harness, site: string) =>
  h.redis.publish(liveChannel(site), "[]");

Deno.test("a subscriber tells who follows once that stands, then of their sites alone, until they stop", async () => {
  await using h = await createHarness({ own: true });
  const { told, follow, followAll } = await followers(h);
  const first = follow("a"), others = [follow("a"), follow("b"), followAll()];
  await until(() => told.a === 2 && told.b === 1 && told.any === 1, {
    message: "all are told to look",
  });
  await publish(h, "a");
  await until(() => told.all.length === 1, { message: "all are told" });
  assertEquals(told, { a: 4, b: 1, any: 1, all: ["a"] });
  first();
  await publish(h, "a");
  await until(() => told.all.length === 2, { message: "all are told" });
  assertEquals(told.a, 5, "one of the two has stopped");
  for (const stop of others) stop();
  await until(
    async () =>
      Number(await h.redis.pubsub("NUMPAT")) === 0 &&
      (await h.redis.pubsub("CHANNELS")).length === 0,
    { message: "nobody follows" },
  );
});

Deno.test("a subscriber whose connection broke says that some may have been missed", async () => {
  for (const followed of ["a", "any"] as const) {
    await using h = await createHarness({ own: true });
    const { told, follow, followAll } = await followers(h);
    if (followed === "a") follow("a");
    else followAll();
    await until(() => told[followed] === 1, { message: "it is followed" });
    await h.redis.client("KILL", "TYPE", "pubsub");
    await until(() => told[followed] > 1, { message: "they are told" });
  }
});

Deno.test("who begins to follow while Redis is away is told once it is back", async () => {
  await using h = await createHarness({ persist: true });
  const { redis, told, follow, followAll } = await followers(h);
  await h.server.kill();
  await until(() => redis.status !== "ready", { message: "it is away" });
  follow("a"), followAll();
  await h.server.restart();
  await until(() => told.a > 0 && told.any > 0, {
    message: "both are told to look",
  });
  await until(() => h.redis.status === "ready", { message: "Redis is back" });
  const before = told.a;
  await publish(h, "a");
  await until(() => told.a > before && told.all.includes("a"), {
    message: "both are told of the site",
  });
});
