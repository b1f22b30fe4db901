import { assert } from "../testing/assert.ts";
import { fakeProgram, withEnv } from "../testing/environment.ts";
import { until } from "../until.ts";
import { findRedis } from "./find.ts";
import { askRedis } from "./probe.ts";
import { runRedis } from "./run.ts";

/** The program that runs in truth. */
const program = await findRedis({ own: true, offline: true }).then(
  (source) => source.kind === "binary" ? source : undefined,
  () => undefined,
);

Deno.test({
  name: "runRedis() names the directory whose disk is full",
  ignore: program === undefined,
  fn: async () => {
    const dir = await Deno.makeTempDir(), bin = await Deno.makeTempDir();
    // A file that may grow no further takes part of what is written, as a disk does that becomes full.
    const limits = "trap '' XFSZ; ulimit -f 64";
    await fakeProgram(
      bin,
      "redis-server",
      `[ "$1" = --version ] || { ${limits}; }; exec ${program!.path} "$@"`,
    );
    const said: string[] = [];
    const env = {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      REDIS_URL: undefined,
      REDIS_HOST: undefined,
      ...program!.env,
    };
    await withEnv(env, async () => {
      const stop = new AbortController().signal;
      await using redis = await runRedis(
        dir,
        [],
        (line) => said.push(line),
        stop,
      );
      const port = Number(new URL(redis.env.REDIS_URL).port);
      const address = { hostname: "127.0.0.1", port };
      const value = "x".repeat(10_000);
      await until(async () => {
        await askRedis(address, ["RPUSH", "a", value]).catch(() => {});
        return said.some((line) => line.startsWith("** The disk"));
      }, { message: "it is full" });
    });
    assert(
      said.includes(
        `** The disk of ${dir} is full: Redis cannot write. Make room there`,
      ),
      said.join("\n"),
    );
    for (const it of [dir, bin]) await Deno.remove(it, { recursive: true });
  },
});
