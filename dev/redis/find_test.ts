import assert from "node:assert/strict";
import { fakeProgram, withEnv } from "../testing/environment.ts";
import { dockerAnswers, dockerRunArgs } from "./docker.ts";
import { findRedis, onPath, versionOf } from "./find.ts";

Deno.test("findRedis() takes REDIS_URL first, and does not show its password", async () => {
  const found = await withEnv({
    REDIS_URL: "rediss://me:secret@far:6380/2",
    REDIS_HOST: "near",
  }, () => findRedis());
  assert.equal(
    found.kind === "external" && found.url,
    "rediss://me:secret@far:6380/2",
  );
  assert.match(found.says, /rediss:\/\/me:…@far:6380\/2, as REDIS_URL says/);
  for (const url of ["redis://:a/secret@far", "redis://me:secret@a@far"]) {
    const { says } = await withEnv({ REDIS_URL: url }, () => findRedis());
    assert.match(says, /^Redis: redis:\/\/(me)?:…@far, as REDIS_URL says$/);
  }
  const none = await withEnv({ REDIS_URL: "me:secret@far" }, () => findRedis());
  assert.match(none.says, /^Redis: me:…@far, as/);
});

Deno.test("findRedis() takes REDIS_HOST with REDIS_PORT", async () => {
  const found = await withEnv({
    REDIS_URL: undefined,
    REDIS_HOST: "near",
    REDIS_PORT: "7000",
  }, () => findRedis());
  assert.equal(found.kind === "external" && found.url, "redis://near:7000");
});

Deno.test("findRedis() passes over what is too old on the PATH, and takes valkey-server too", async () => {
  const dir = await Deno.makeTempDir();
  await fakeProgram(
    dir,
    "redis-server",
    "echo 'Redis server v=6.0.16 sha=00000000:0'",
  );
  const valkey = await fakeProgram(
    dir,
    "valkey-server",
    "echo 'Valkey server v=8.1.1 sha=00000000:0'",
  );
  const found = await withEnv({ PATH: dir }, () => findRedis({ own: true }));
  assert.equal(found.kind === "binary" && found.path, valkey);
  assert.match(found.says, /valkey-server 8\.1\.1/);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("onPath() lists executable files only", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/a/tool`, { recursive: true });
  await Deno.writeTextFile(`${dir}/tool`, "", { mode: 0o644 });
  await Deno.mkdir(`${dir}/b`);
  const path = await fakeProgram(`${dir}/b`, "tool", "exit");
  assert.deepEqual(
    await withEnv(
      { PATH: `${dir}/a:${dir}:/nowhere::${dir}/b` },
      () => onPath("tool"),
    ),
    [path],
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("versionOf() is undefined for what cannot run", async () => {
  assert.equal(await versionOf("/nowhere/redis-server"), undefined);
});

Deno.test("dockerAnswers() tells an engine that answers from one that does not", async () => {
  const dir = await Deno.makeTempDir();
  assert.equal(
    await dockerAnswers(await fakeProgram(dir, "docker", "echo 28.0.0")),
    undefined,
  );
  assert.match(
    await dockerAnswers(await fakeProgram(dir, "docker", "exit 1")) ?? "",
    /does not answer/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("dockerRunArgs() publishes Redis on this machine only", () => {
  const args = dockerRunArgs({
    name: "n",
    dir: "/d",
    port: 20_000,
    command: ["redis-server", "--appendonly", "yes"],
  });
  assert.ok(args.includes("--publish=127.0.0.1:20000:6379"));
  assert.deepEqual(args.slice(-4), [
    "redis:7-alpine",
    "redis-server",
    "--appendonly",
    "yes",
  ]);
});
