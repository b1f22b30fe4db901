/**
 * A Redis in which the services are a user that may do no more than the deployment guide says.
 *
 * @module
 */

import { assertEquals } from "../dev/testing/assert.ts";
import { startService, testRedis, until } from "../dev/testing.ts";
import { numberedBatch, post } from "./testing/load.ts";
import { connect } from "./testing/system.ts";

Deno.test("the rights in the deployment guide are enough to take, store, read, follow and delete readings", async () => {
  const guide = new URL("../deploy/README.md", import.meta.url);
  const [rule] = /ACL SETUSER energy .*/.exec(
    await Deno.readTextFile(guide),
  )!;
  await using redis = await testRedis({ own: true });
  const client = connect(redis);
  try {
    const [command, ...args] = rule.split(" ");
    assertEquals(await client.call(command, ...args), "OK");
    const url = new URL(redis.url);
    url.username = "energy";
    url.password = "password";
    const env = { REDIS_URL: String(url), SITE_READINGS_MAX: "1000" };
    await using ingestion = await startService("ingestion", env);
    await using processing = await startService("processing", env);
    const sent = numberedBatch(0, 7 * 1500).map((reading) => ({
      ...reading,
      site_id: "site-001",
    }));
    for (let at = 0; at < sent.length; at += 5000) {
      const { status, body } = await post(
        ingestion.url,
        sent.slice(at, at + 5000),
        { "idempotency-key": `acl-${at}` },
      );
      assertEquals(status, 202, JSON.stringify(body));
    }
    const count = async () => {
      const { sites } = await (await fetch(`${processing.url}/sites`)).json();
      return sites[0]?.count as number | undefined;
    };
    await until(async () => await count() === 1500, {
      timeout: 60_000,
      message: "all are stored, rolled up, and trimmed",
    });
    const site = `${processing.url}/sites/site-001`;
    for (
      const path of [
        `${site}/readings?limit=3`,
        `${site}/series?step=1h&from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z`,
        `${processing.url}/export?site_id=site-001`,
        `${processing.url}/pipeline`,
        `${processing.url}/pipeline/sites`,
        `${processing.url}/dead-letters`,
      ]
    ) {
      const answer = await fetch(path);
      const text = await answer.text();
      assertEquals(answer.status, 200, `${path}: ${text.slice(0, 500)}`);
    }
    const gone = await fetch(site, { method: "DELETE" });
    assertEquals(gone.status, 204);
    assertEquals(await count(), undefined);
    for (const { logs } of [ingestion, processing]) {
      assertEquals(logs().match(/NOPERM|may not/), null);
    }
  } finally {
    client.disconnect();
  }
});
