/**
 * A Redis that speaks TLS. The certificates in `dev/testing/tls` are for `localhost` and 127.0.0.1, until 2126; their keys
 * protect nothing.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import {
  freePort,
  startService,
  type TestRedis,
  testRedis,
  until,
} from "../dev/testing.ts";
import { findRedis } from "../dev/redis/find.ts";
import { ROOT } from "../dev/paths.ts";
import {
  countStored,
  eachOnce,
  numbered,
  numberedBatch,
  post,
  startLoad,
} from "./testing/load.ts";
import { connect } from "./testing/system.ts";

const CERTIFICATES = `${ROOT}/dev/testing/tls`;
const CA = `${CERTIFICATES}/ca.pem`;

/** One in Docker would have neither the port nor the files. */
const ignore = await findRedis({ own: true, offline: true }).then(
  ({ kind }) => kind !== "binary",
  () => true,
);

/** A Redis with an encrypted port, beside the plain one that the test has for itself. */
async function encrypted(): Promise<{ redis: TestRedis; address: string }> {
  const port = freePort();
  const redis = await testRedis({
    persist: true,
    extraArgs: [
      ...["--tls-port", String(port)],
      ...["--tls-cert-file", `${CERTIFICATES}/server.pem`],
      ...["--tls-key-file", `${CERTIFICATES}/server.key`],
      ...["--tls-ca-cert-file", CA],
      ...["--tls-auth-clients", "no"],
    ],
  });
  return { redis, address: `127.0.0.1:${port}` };
}

Deno.test({
  name:
    "over TLS, with a user, a password and an authority of one's own, each reading is stored once, through a restart too",
  ignore,
  async fn() {
    const { redis, address } = await encrypted();
    await using _ = redis;
    const client = connect(redis);
    try {
      const signIn = () =>
        client.call(
          "ACL",
          "SETUSER",
          "energy",
          "on",
          ">p@ss",
          "~*",
          "&*",
          "+@all",
        );
      await signIn();
      const env = {
        REDIS_URL: `rediss://energy:p%40ss@${address}`,
        REDIS_CA_FILE: CA,
      };
      await using ingestion = await startService("ingestion", env);
      await using processing = await startService("processing", env);
      // A reply of many records, and a request of many.
      const many = numberedBatch(0, 10_000).map((reading) => ({
        ...reading,
        site_id: "many",
      }));
      assertEquals((await post(ingestion.url, many)).status, 202);
      const stored = async () => {
        const answer = await fetch(`${processing.url}/sites/many/readings`);
        return (await answer.json()).readings as { power_reading: number }[];
      };
      await until(async () => (await stored()).length === many.length, {
        timeout: 30_000,
        message: "all are stored",
      });
      assertEquals(
        (await stored()).map(({ power_reading }) => power_reading),
        many.map(({ power_reading }) => power_reading),
      );

      const load = startLoad(ingestion.url);
      await until(() => load.taken > 2000, { message: "readings are taken" });
      await redis.kill();
      await redis.restart();
      await signIn();
      const taken = load.taken;
      await until(() => load.taken > taken + 2000, {
        timeout: 30_000,
        message: "readings are taken again",
      });
      const sent = await load.stop();
      await until(
        async () => (await countStored(client, sent.taken)).lost === 0,
        { timeout: 30_000, message: "all that was taken is stored" },
      );
      assertEquals(
        await countStored(client, sent.taken),
        eachOnce(sent.taken),
      );
    } finally {
      client.disconnect();
    }
  },
});

Deno.test({
  name:
    "a certificate that is not trusted, or not spoken, is said with what to do",
  ignore,
  async fn() {
    const { redis, address } = await encrypted();
    await using _ = redis;
    for (
      const [env, said] of [
        [{ REDIS_URL: `rediss://${address}` }, /REDIS_CA_FILE is to name/],
        [{ REDIS_URL: `redis://${address}` }, /does one side speak TLS/],
      ] as const
    ) {
      await using ingestion = await startService("ingestion", env, {
        ready: false,
      });
      await until(() => said.test(ingestion.logs()), {
        message: `it says ${said}`,
      });
      await until(async () => {
        const { status, body } = await post(ingestion.url, numbered(0));
        assertMatch(body.detail, /were not stored/);
        return status === 503;
      });
      await ingestion.stop();
      assertEquals(ingestion.logs().match(/"level":"error".*/), null);
    }
  },
});
