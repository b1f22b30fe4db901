import { assertEquals, assertRejects } from "../testing/assert.ts";
import { testRedis } from "../testing/redis.ts";
import { lockDataDir } from "./datadir.ts";
import { askRedis, identifyRedis } from "./probe.ts";

Deno.test("lockDataDir() refuses a directory that is in use, and gives it again once it is released", async () => {
  const dir = await Deno.makeTempDir();
  const lock = await lockDataDir(dir);
  await assertRejects(
    () => lockDataDir(dir),
    new RegExp(`in use .*pid ${Deno.pid}`),
  );
  await lock.release();
  assertEquals([...Deno.readDirSync(dir)], []);
  await (await lockDataDir(dir)).release();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("lockDataDir() takes over from a launcher that died, but not from its Redis", async () => {
  const dir = await Deno.makeTempDir();
  await using redis = await testRedis({ own: true });
  const address = { hostname: "127.0.0.1", port: redis.port };
  const left = {
    pid: 1,
    redis: { port: redis.port, ...await identifyRedis(address) },
  };
  await Deno.writeTextFile(`${dir}/launcher.lock`, JSON.stringify(left));
  await assertRejects(
    () => lockDataDir(dir, 50),
    new RegExp(`left behind .*port ${redis.port}`),
  );
  assertEquals(await askRedis(address, ["PING"]), "PONG");

  await redis.kill();
  await (await lockDataDir(dir, 5000)).release();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("lockDataDir() names a directory that nothing can be kept in, and how another is chosen", async () => {
  const file = await Deno.makeTempFile();
  for (const dir of [file, `${file}/redis`, "/proc/redis"]) {
    await assertRejects(
      () => lockDataDir(dir),
      new RegExp(`No data can be kept in ${dir}: \\w[^():]+\\. .*--data DIR`),
    );
  }
  await Deno.remove(file);
});
