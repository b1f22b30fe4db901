import assert from "node:assert/strict";
import { DURABLE } from "./durable.ts";
import { findRedis } from "./find.ts";
import { askRedis } from "./probe.ts";
import { startRedis } from "./server.ts";

async function source() {
  const found = await findRedis({ own: true });
  if (found.kind === "external") throw new Error("Expected an own instance");
  return found;
}

Deno.test("startRedis() gives a Redis that answers, and stop() ends it", async () => {
  const dir = await Deno.makeTempDir();
  const redis = await startRedis({ source: await source(), dir });
  const address = { hostname: "127.0.0.1", port: redis.port };
  assert.equal(await askRedis(address, ["ECHO", "grüezi\r\n"]), "grüezi\r\n");
  await redis.stop();
  assert.equal((await redis.exited).code, 0);
  await assert.rejects(askRedis(address, ["PING"]));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("startRedis() with appendfsync always keeps what was answered when it is killed", async () => {
  const dir = await Deno.makeTempDir();
  const redis = await startRedis({ source: await source(), dir, ...DURABLE });
  const address = { hostname: "127.0.0.1", port: redis.port };
  await askRedis(address, ["SET", "reading", "1500.5"]);
  const { pid, exited } = redis;
  await redis.kill("SIGKILL");
  await exited;
  await redis.restart();
  assert.equal(await askRedis(address, ["GET", "reading"]), "1500.5");
  assert.notEqual(redis.pid, pid);
  await redis.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("startRedis() never runs the half of a transaction in which Redis was killed", async () => {
  const dir = await Deno.makeTempDir();
  const redis = await startRedis({ source: await source(), dir, ...DURABLE });
  const ask = (...command: string[]) =>
    askRedis({ hostname: "127.0.0.1", port: redis.port }, command);
  const pushThree = (key: string) =>
    ask("EVAL", `for i = 1, 3 do redis.call('RPUSH', '${key}', i) end`, "0");
  await pushThree("given-up");
  await redis.kill("SIGKILL");
  await redis.exited;
  const file = `${dir}/appendonlydir/appendonly.aof.1.incr.aof`;
  // Ends within the last RPUSH, as a write that was cut off does.
  const { size } = await Deno.stat(file);
  await Deno.truncate(file, size - "*1\r\n$4\r\nEXEC\r\n".length - 5);
  await redis.restart();
  assert.equal(await ask("LLEN", "given-up"), "0");
  await pushThree("kept");
  await redis.restart();
  assert.equal(await ask("LLEN", "given-up"), "0");
  assert.equal(await ask("LLEN", "kept"), "3");
  await redis.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("startRedis() says why Redis did not start", async () => {
  const dir = await Deno.makeTempDir();
  await assert.rejects(
    startRedis({
      source: await source(),
      dir,
      extraArgs: ["--no-such-option", "1"],
    }),
    /did not start on port \d+: it ended with code 1[^]*no-such-option/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("startRedis() does not take another Redis on its port for its own", async () => {
  const dir = await Deno.makeTempDir();
  const first = await startRedis({ source: await source(), dir });
  await assert.rejects(
    startRedis({ source: await source(), dir, port: first.port }),
    /in use/i,
  );
  await first.stop();
  await Deno.remove(dir, { recursive: true });
});
