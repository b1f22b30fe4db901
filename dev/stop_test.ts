import assert from "node:assert/strict";
import { eachLine } from "./lines.ts";
import { freePort } from "./ports.ts";
import { spawnTethered } from "./tether.ts";
import { fakeProgram } from "./testing/environment.ts";
import { withoutData } from "./testing/launcher.ts";
import { until } from "./until.ts";

Deno.test({
  name:
    "Ctrl-C while Redis is fetched ends deno task dev and deno task redis with 0, and no advice on how to get a Redis",
  ignore: !await Deno.stat("/var/lib/dpkg/status").catch(() => false),
  fn: async () => {
    const root = await withoutData();
    const bin = await Deno.makeTempDir();
    await fakeProgram(bin, "dpkg-deb", "exit");
    await fakeProgram(
      bin,
      "apt-get",
      '[ "$1" = --version ] || exec /bin/sleep 60',
    );
    for (const program of ["dev/main.ts", "dev/redis/main.ts"]) {
      const child = spawnTethered(Deno.execPath(), {
        args: ["run", "-A", `${root}/${program}`],
        cwd: root,
        env: {
          PATH: bin,
          REDIS_URL: "",
          REDIS_HOST: "",
          INGESTION_PORT: String(freePort()),
          PROCESSING_PORT: String(freePort()),
          WEB_PORT: String(freePort()),
        },
      });
      let text = "";
      const output = [child.stdout, child.stderr].map((stream) =>
        eachLine(stream, (line) => text += line + "\n")
      );
      const apt = `${root}/.data/apt`;
      const entries = () =>
        Array.from(Deno.readDirSync(apt), ({ name }) => name);
      await until(() => entries().some((name) => name.startsWith("fetch-")));
      child.kill("SIGINT");
      const { code, signal } = await child.exited;
      await Promise.all(output);
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, text);
      assert.match(text, /^Fetching Redis .*\n$/);
      assert.deepEqual(entries(), ["fetch.lock"]);
    }
    for (const dir of [root, bin]) await Deno.remove(dir, { recursive: true });
  },
});
