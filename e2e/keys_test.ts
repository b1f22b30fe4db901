/**
 * API keys, and that no secret is logged.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startService, until } from "../dev/testing.ts";
import { numbered, post } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

const KEYS = {
  read: "key-that-reads-0001",
  write: "key-that-writes-002",
  admin: "key-that-rules-0003",
};
const SCOPES = Object.keys(KEYS) as (keyof typeof KEYS)[];

function entry(name: string, key: string, scope: string): string {
  return `${name}:${createHash("sha256").update(key).digest("hex")}:${scope}`;
}

const API_KEYS = SCOPES.map((scope) => entry(`k-${scope}`, KEYS[scope], scope))
  .join(",");

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

Deno.test("API keys: each scope may do what it is for, admin all; 401 without a key, 403 with the wrong one", async () => {
  await using system = await startSystem({
    ingestion: { API_KEYS },
    processing: { API_KEYS },
  });
  const ingestion = system.ingestion.url,
    [{ url: processing }] = system.replicas;
  const calls = {
    write: (headers: Record<string, string>) =>
      post(ingestion, numbered(1), headers).then(({ status }) => status),
    read: (headers: Record<string, string>) =>
      statusOf(`${processing}/sites/site-1/readings`, { headers }),
    admin: (headers: Record<string, string>) =>
      statusOf(`${processing}/dead-letters`, { method: "DELETE", headers }),
  };
  for (const needed of SCOPES) {
    const call = calls[needed];
    assertEquals(await call({}), 401, `${needed} without a key`);
    assertEquals(await call(bearer("wrong")), 401, `${needed}, wrong key`);
    for (const scope of SCOPES) {
      const may = scope === needed || scope === "admin";
      for (
        const headers of [bearer(KEYS[scope]), { "x-api-key": KEYS[scope] }]
      ) {
        const status = await call(headers);
        assertEquals(
          may ? status >= 200 && status < 300 : status === 403,
          true,
          `${scope} for ${needed}: ${status}`,
        );
      }
    }
  }
  const remove = (scope: keyof typeof KEYS, site = "nowhere") =>
    statusOf(`${processing}/sites/${site}`, {
      method: "DELETE",
      headers: bearer(KEYS[scope]),
    });
  assertEquals(
    [await remove("read"), await remove("write"), await remove("admin")],
    [403, 403, 404],
  );
  const { site_id } = numbered(1);
  await until(async () => await remove("admin", site_id) === 204, {
    message: "a site is deleted",
  });
  const said = new RegExp(`was deleted.*"site":"${site_id}","key":"k-admin"`);
  await until(() => said.test(system.replicas[0].logs()), {
    message: "the log says by whose key",
  });
  const refused = await fetch(`${processing}/sites`);
  assertMatch(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
  assertEquals((await refused.json()).status, 401);
  for (const path of ["/sites", "/live", "/pipeline", "/dead-letters"]) {
    assertEquals(await statusOf(processing + path), 401, path);
  }
  for (const url of [ingestion, processing]) {
    for (const path of ["/health", "/livez", "/readyz", "/metrics", "/docs"]) {
      assertEquals(await statusOf(url + path), 200, `${path} is open`);
    }
  }
});

Deno.test("API_KEYS_FILE is read again when it changes, and a bad change leaves the former keys in force", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, entry("first", KEYS.write, "write"));
    await using system = await startSystem({
      replicas: 0,
      ingestion: { API_KEYS_FILE: file },
    });
    const { url } = system.ingestion;
    const status = async (key: string) =>
      (await post(url, numbered(1), bearer(key))).status;
    assertEquals(await status(KEYS.write), 202);
    assertEquals(await status("second-key"), 401);

    await Deno.writeTextFile(file, entry("second", "second-key", "write"));
    await until(async () => await status("second-key") === 202, {
      message: "the new key is in force",
    });
    assertEquals(await status(KEYS.write), 401, "the former key is not");

    await Deno.writeTextFile(file, "this is no entry");
    await until(
      () => /must be name:sha256:scope/.test(system.ingestion.logs()),
      {
        message: "the fault is logged",
      },
    );
    assertEquals(await status("second-key"), 202);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("an Idempotency-Key of one API key is not that of another", async () => {
  await using system = await startSystem({
    replicas: 0,
    ingestion: { API_KEYS },
  });
  const send = (key: string, power: number) =>
    post(system.ingestion.url, numbered(power), {
      ...bearer(key),
      "idempotency-key": "the-same",
    });
  const first = await send(KEYS.write, 1);
  const other = await send(KEYS.admin, 2);
  assertEquals([first.status, other.status], [202, 202]);
  assertEquals((await send(KEYS.write, 1)).body.id, first.body.id);
  assertEquals((await send(KEYS.write, 2)).status, 422);
});

Deno.test("no log holds a secret: neither Redis's password nor a key, sent right or wrong, at any level", async () => {
  const password = "pa55-word-of-redis";
  await using system = await startSystem({ replicas: 0 });
  await system.client.config("SET", "requirepass", password);
  const { host, port } = system.redis;
  const env = {
    REDIS_URL: `redis://:${password}@${host}:${port}`,
    API_KEYS,
    LOG_LEVEL: "debug",
  };
  await using stack = new AsyncDisposableStack();
  for (const name of ["ingestion", "processing"]) {
    const service = stack.use(await startService(name, env));
    const wrong = stack.use(
      await startService(name, {
        ...env,
        REDIS_URL: `redis://:not-${password}@${host}:${port}`,
      }, { ready: false }),
    );
    for (const key of [...Object.values(KEYS), "a-wrong-key-9999"]) {
      await statusOf(`${service.url}/sites`, { headers: bearer(key) });
      await post(service.url, numbered(1), { "x-api-key": key });
    }
    await system.client.call(
      "CLIENT",
      "KILL",
      "TYPE",
      "normal",
      "SKIPME",
      "yes",
    );
    await until(() => /cannot be used/.test(wrong.logs()), {
      message: "the wrong password is told",
    });
    await until(async () => await statusOf(`${service.url}/health`) === 200);
    await service.stop();
    const logs = service.logs() + wrong.logs();
    assert(logs.split("\n").length > 8, "there is a log to look at");
    for (
      const secret of [password, ...Object.values(KEYS), "a-wrong-key-9999"]
    ) {
      assert(!logs.includes(secret), `${name} logs ${secret}`);
    }
    for (const { 1: hash } of API_KEYS.split(",").map((it) => it.split(":"))) {
      assert(!logs.includes(hash), `${name} logs a hash`);
    }
  }
});
