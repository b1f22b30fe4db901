import { HELP, parseOptions } from "./help.ts";
import { ROOT } from "./paths.ts";
import { assert, assertEquals, assertMatch } from "./testing/assert.ts";
import { processesOf, startDev } from "./testing/launcher.ts";
import { until } from "./until.ts";

Deno.test({
  name:
    "deno task dev runs everything, revives what is killed, and leaves nothing but the data",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const dataDir = await Deno.makeTempDir();
    {
      await using dev = startDev(dataDir);
      await dev.ready();
      const posted = await fetch(`${dev.ingestion}/readings`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          site_id: "site-001",
          device_id: "meter-42",
          power_reading: 1500.5,
          timestamp: "2024-01-15T10:30:00Z",
        }),
      });
      assertEquals(posted.status, 202);
      await posted.body?.cancel();
      await until(() => countOf(dev.processing), { message: "it is stored" });

      // The line's beginning tells a program from its watcher, a shell.
      const pidOf = async (part: RegExp) =>
        [...await processesOf(dev)].find(([, line]) => part.test(line))?.[0];
      for (
        const part of [/^\S*deno run .*ingestion\/main.ts/, /^\S*redis-server/]
      ) {
        const pid = await until(() => pidOf(part));
        Deno.kill(pid, "SIGKILL");
        await until(async () => ![pid, undefined].includes(await pidOf(part)));
        await until(async () =>
          await statusOf(`${dev.ingestion}/readyz`) === 200
        );
      }
      assertMatch(
        dev.logs(),
        /\*\* ingestion ended with SIGKILL, starts again in 0.5 s/,
      );

      dev.kill("SIGTERM");
      const { code } = await dev.exited;
      assertEquals(code, 0, dev.logs());
      await until(async () => (await processesOf(dev)).size === 0, {
        message: "no process is left",
      });
      const left = Array.from(
        Deno.readDirSync(`${dataDir}/redis`),
        ({ name }) => name,
      );
      assertEquals(left, ["appendonlydir"]);
    }
    {
      await using dev = startDev(dataDir);
      await dev.ready();
      assertEquals(await countOf(dev.processing), 1);

      await using second = startDev(dataDir);
      assertEquals((await second.exited).code, 1);
      assertMatch(second.logs(), /is in use by another `deno task dev`.*pid/);
      // What watches over a launcher ends a moment after it.
      await until(async () =>
        (await processesOf({ ...second, dataDir: "/" })).size === 0
      );

      dev.kill("SIGINT");
      assertEquals((await dev.exited).code, 0);
    }
    await Deno.remove(dataDir, { recursive: true });
  },
});

Deno.test("deno task dev names a taken port and its variable, and starts nothing", async () => {
  const dataDir = await Deno.makeTempDir();
  using taken = Deno.listen({ port: 0 });
  const { port } = taken.addr;
  await using dev = startDev(dataDir, { PROCESSING_PORT: String(port) });
  assertEquals((await dev.exited).code, 1);
  assertMatch(
    dev.logs(),
    new RegExp(`Port ${port} is taken .*PROCESSING_PORT`),
  );
  assertEquals([...Deno.readDirSync(dataDir)], []);
  await Deno.remove(dataDir);
});

Deno.test("deno task dev names a REDIS_LIST_COMPRESS_DEPTH that is no number, and starts nothing", async () => {
  const dataDir = await Deno.makeTempDir();
  await using dev = startDev(dataDir, { REDIS_LIST_COMPRESS_DEPTH: "abc" });
  assertEquals((await dev.exited).code, 1);
  assertEquals(
    dev.logs(),
    'REDIS_LIST_COMPRESS_DEPTH is "abc"; expected 1 to keep readings compressed, or 0 not to\n',
  );
  assertEquals([...Deno.readDirSync(dataDir)], []);
  await Deno.remove(dataDir);
});

Deno.test("deno task dev --data takes a path from where its user is", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  const path = `is-file-${crypto.randomUUID()}`;
  await Deno.writeTextFile(`${dir}/${path}`, "");
  await using dev = startDev(path, {}, {
    // What tests are started by has said where its own user is.
    deno: ["env", "-u", "INIT_CWD", Deno.execPath()],
    run: ["task", "--quiet", `--config=${ROOT}/deno.json`, "dev"],
    cwd: dir,
  });
  await until(() => dev.logs().includes(`kept in ${dir}/${path}/redis:`));
  assertEquals((await dev.exited).code, 1);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("deno task dev exits with 2 for a flag it does not know", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev/main.ts", "--no-such"],
    cwd: ROOT,
  }).output();
  assertEquals(code, 2);
  assertMatch(
    new TextDecoder().decode(stderr),
    /"--no-such" is not understood/,
  );
});

Deno.test("HELP names every option and every port's variable", () => {
  for (
    const word of [
      "--no-simulator",
      "--data",
      "INGESTION_PORT",
      "PROCESSING_PORT",
      "WEB_PORT",
    ]
  ) assert(HELP.includes(word), word);
  assertEquals(parseOptions(["--no-simulator", "--help"]).simulator, false);
});

async function countOf(processing: string): Promise<number> {
  const response = await fetch(`${processing}/sites/site-001/readings`);
  return (await response.json()).count;
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}
