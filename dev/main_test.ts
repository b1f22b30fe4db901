import { eachLine } from "./lines.ts";
import { HELP, parseOptions } from "./help.ts";
import { ROOT } from "./paths.ts";
import { freePort } from "./ports.ts";
import { spawnTethered } from "./tether.ts";
import { assert, assertEquals, assertMatch } from "./testing/assert.ts";
import { until } from "./until.ts";

/** What would make the launcher use something else than its own. */
const OURS = { REDIS_URL: "", REDIS_HOST: "", API_KEYS: "", HOST: "" };

/** Starts the launcher on free ports; the mark is inherited by all its processes. */
function startDev(dataDir: string, env: Record<string, string> = {}) {
  const mark = crypto.randomUUID();
  const ingestion = freePort(), processing = freePort([ingestion]);
  const ports = {
    ingestion,
    processing,
    web: freePort([ingestion, processing]),
  };
  const child = spawnTethered(Deno.execPath(), {
    args: ["run", "-A", "dev/main.ts", "--no-simulator", "--data", dataDir],
    cwd: ROOT,
    env: {
      ...OURS,
      INGESTION_PORT: String(ports.ingestion),
      PROCESSING_PORT: String(ports.processing),
      WEB_PORT: String(ports.web),
      TEST_MARK: mark,
      ...env,
    },
  });
  let text = "";
  const keep = (line: string) => void (text += line + "\n");
  const output = Promise.all([
    eachLine(child.stdout, keep),
    eachLine(child.stderr, keep),
  ]);
  return {
    mark,
    dataDir,
    ingestion: `http://127.0.0.1:${ports.ingestion}`,
    processing: `http://127.0.0.1:${ports.processing}`,
    logs: () => text,
    ready: () =>
      until(() => text.includes("Try:"), {
        timeout: 60_000,
        message: "the table is shown",
      }).catch((error) => {
        throw new Error(`${error.message}\n${text}`);
      }),
    kill: child.kill,
    exited: Promise.all([child.exited, output]).then(([status]) => status),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/**
 * The processes of a launcher, by pid, each with its command line: those that inherited its mark, and Redis, which
 * writes its title over its environment, but stands in its data directory.
 */
async function processesOf(
  { mark, dataDir }: { mark: string; dataDir: string },
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environ = await Deno.readTextFile(`/proc/${name}/environ`);
      const cwd = await Deno.readLink(`/proc/${name}/cwd`);
      if (!environ.includes(mark) && cwd !== `${dataDir}/redis`) continue;
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`);
      found.set(Number(name), line.replaceAll("\0", " "));
    } catch {
      // It has ended, or is somebody else's.
    }
  }
  return found;
}

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
