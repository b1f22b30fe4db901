import { z } from "zod";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
} from "../dev/testing/assert.ts";
import { findRedis } from "../dev/redis/find.ts";
import { eachLine } from "../dev/lines.ts";
import { freePort, startFaultProxy, testRedis, until } from "../dev/testing.ts";
import { spawnTethered } from "../dev/tether.ts";
import { commonSettings, loadConfig } from "./config.ts";
import type { Logger } from "./log.ts";
import { connectRedis, type Redis } from "./redis.ts";

const PASSWORD = "p@ss/w:rd%";

/** The program that a Sentinel is, too. */
const program = await findRedis({ own: true, offline: true }).then(
  (source) => source.kind === "binary" ? source : undefined,
  () => undefined,
);

/** A client by settings, and what it logs. */
function connect(env: Record<string, string>) {
  const logged: string[] = [];
  const keep = (text: string, fields: Record<string, unknown>) =>
    logged.push(text.replace(/\{(\w+)\}/g, (_, name) => String(fields[name])));
  const redis = connectRedis(
    loadConfig(z.object(commonSettings), env),
    { name: "test" },
    { warning: keep, info: keep } as unknown as Logger,
  );
  return { redis, logged, [Symbol.dispose]: () => redis.disconnect() };
}

async function ready(redis: Redis): Promise<void> {
  await until(() => redis.status === "ready", { message: "it is connected" });
}

/** Waits until a client has failed several times more. */
async function triedAgain(redis: Redis): Promise<void> {
  let failures = 0;
  redis.on("error", () => failures++);
  await until(() => failures > 2, { message: "it is tried again" });
}

/** As whom and in which database Redis sees a connection. */
async function seenAs(redis: Redis): Promise<string> {
  await ready(redis);
  const fields = String(await redis.client("INFO")).trim().split(" ");
  return fields.filter((field) => /^(name|user|db)=/.test(field)).join(" ");
}

Deno.test("connectRedis() signs in with what the address or the settings beside it say, and takes its database", async () => {
  await using server = await testRedis({ own: true });
  using admin = connect({ REDIS_URL: server.url });
  await ready(admin.redis);
  const rules = ["on", `>${PASSWORD}`, "~*", "+@all"];
  await admin.redis.call("ACL", "SETUSER", "me:ter", ...rules);
  await admin.redis.call("CONFIG", "SET", "requirepass", "other");
  const user = "me%3Ater", password = encodeURIComponent(PASSWORD);
  const beside = { REDIS_USERNAME: "me:ter", REDIS_PASSWORD: PASSWORD };
  const address = `127.0.0.1:${server.port}`;
  const place = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(server.port) };
  for (
    const [env, seen] of [
      [
        { REDIS_URL: `redis://${user}:${password}@${address}/3` },
        "db=3 user=me:ter",
      ],
      [
        { REDIS_URL: `redis://${address}/4`, ...beside },
        "db=4 user=me:ter",
      ],
      [{ REDIS_URL: `redis://:other@${address}` }, "db=0 user=default"],
      [{ ...place, ...beside }, "db=0 user=me:ter"],
      [{ ...place, REDIS_PASSWORD: "other" }, "db=0 user=default"],
    ] as [Record<string, string>, string][]
  ) {
    using client = connect(env);
    assertEquals(await seenAs(client.redis), `name=test ${seen}`);
  }
});

Deno.test("connectRedis() says once why Redis cannot be used and once that it is back, and never a password", async () => {
  await using server = await testRedis({ own: true });
  const address = `127.0.0.1:${server.port}`;
  using client = connect({ REDIS_URL: `redis://default:hunter2@${address}` });
  using wrong = connect({ REDIS_URL: `redis://nobody:hunter2@${address}` });
  const sentinels = `127.0.0.1:${freePort()},127.0.0.1:${freePort()}`;
  using alone = connect({ REDIS_SENTINELS: sentinels });
  await ready(client.redis);
  await Promise.all([wrong.redis, alone.redis].map(triedAgain));
  await server.kill();
  await triedAgain(client.redis);
  await server.restart();
  await ready(client.redis);
  const cannot = "cannot be used: ",
    again = ". It is tried again until it can.";
  assertEquals(client.logged.slice(-2), [
    `Redis at ${address} ${cannot}connect ECONNREFUSED ${address}${again}`,
    `Redis at ${address} is back.`,
  ]);
  assertEquals(new Set(wrong.logged).size, wrong.logged.length);
  assertMatch(wrong.logged[0], /WRONGPASS invalid .* disabled\. It is tried/);
  assertEquals(alone.logged.length, 1, alone.logged.join());
  assertMatch(alone.logged[0], /All sentinels are unreachable\. Last error: /);
  const all = [client, wrong, alone].flatMap(({ logged }) => logged);
  assert(!all.join().includes("hunter2"), "no password is said");
});

Deno.test("connectRedis() does not give a connection up for what the one before it still owed", async () => {
  await using server = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: server });
  using client = connect({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const { redis } = client;
  await ready(redis);
  const usual = redis.options.socketTimeout;
  redis.options.socketTimeout = 500;
  await proxy.set({ mode: "hang" });
  const owed = assertRejects(() => redis.get("a"), /closed|ECONNRESET|retries/);
  redis.options.socketTimeout = usual;
  proxy.cut();
  await owed;
  await proxy.set({ mode: "pass" });
  await ready(redis);
  const id = await redis.client("ID");
  // Redis answers this once the time of what was owed is over.
  assertEquals(await redis.blpop("nothing", 0.6), null);
  assertEquals(await redis.client("ID"), id);
});

Deno.test({
  name:
    "connectRedis() asks the Sentinels, some of which may be away, for the master, and leaves one that is none any more",
  ignore: program === undefined,
  async fn() {
    await using master = await testRedis({ own: true });
    using admin = connect({ REDIS_URL: master.url });
    await ready(admin.redis);
    const dir = await Deno.makeTempDir({ prefix: "energy-sentinel-" });
    const port = freePort();
    await Deno.writeTextFile(
      `${dir}/sentinel.conf`,
      `port ${port}\nbind 127.0.0.1\nrequirepass watch\n` +
        `sentinel monitor energy 127.0.0.1 ${master.port} 1\n`,
    );
    const sentinel = spawnTethered(program!.path, {
      args: [`${dir}/sentinel.conf`, "--sentinel"],
      env: program!.env,
      orphanSignal: "SIGKILL",
      removeDir: dir,
    });
    const silent = Promise.all(
      [sentinel.stdout, sentinel.stderr].map((it) => eachLine(it, () => {})),
    );
    try {
      using client = connect({
        REDIS_SENTINELS: `127.0.0.1:${freePort()}, 127.0.0.1:${port}`,
        REDIS_SENTINEL_NAME: "energy",
        REDIS_SENTINEL_PASSWORD: "watch",
      });
      await ready(client.redis);
      await client.redis.set("a", "b");
      assertEquals(await admin.redis.get("a"), "b");
      let left = false;
      client.redis.on("close", () => left = true);
      await admin.redis.replicaof("127.0.0.1", "1");
      await until(async () => {
        await client.redis.set("a", "c").catch(() => {});
        return left;
      }, { message: "it is left" });
    } finally {
      sentinel.kill("SIGKILL");
      await Promise.all([sentinel.exited, silent]);
      await Deno.remove(dir, { recursive: true });
    }
  },
});
