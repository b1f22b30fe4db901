/**
 * The launcher as a real process, for tests that stop it and look at what it leaves.
 *
 * @module
 */

import { eachLine } from "../lines.ts";
import { ROOT } from "../paths.ts";
import { freePort } from "../ports.ts";
import { spawnTethered } from "../tether.ts";
import { until } from "../until.ts";

/** What would make the launcher use something else than its own. */
const OURS = {
  REDIS_URL: "",
  REDIS_HOST: "",
  API_KEYS: "",
  API_KEYS_FILE: "",
  API_KEY: "",
  HOST: "",
};

/**
 * Starts the launcher on free ports.
 *
 * @param dataDir Where its data are.
 * @param env Its environment, on top of this process's own.
 * @param options With the simulator; by another command of Deno, or from another directory; with Deno called by a
 * program.
 * @returns The launcher; its mark is inherited by all its processes.
 */
export function startDev(
  dataDir: string,
  env: Record<string, string> = {},
  options: {
    simulator?: boolean;
    run?: string[];
    cwd?: string;
    deno?: string[];
  } = {},
) {
  const [program, ...words] = options.deno ?? [Deno.execPath()];
  const mark = crypto.randomUUID();
  const ingestion = freePort(), processing = freePort([ingestion]);
  const ports = {
    ingestion,
    processing,
    web: freePort([ingestion, processing]),
  };
  const child = spawnTethered(program, {
    args: [
      ...words,
      ...options.run ?? ["run", "-A", "dev/main.ts"],
      ...["--data", dataDir],
      ...(options.simulator ? [] : ["--no-simulator"]),
    ],
    cwd: options.cwd ?? ROOT,
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
export async function processesOf(
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

/** A copy of the project without its data, for what has them in the project. */
export async function withoutData(): Promise<string> {
  const root = await Deno.makeTempDir();
  for await (const { name } of Deno.readDir(ROOT)) {
    if (!name.startsWith(".")) {
      await Deno.symlink(`${ROOT}/${name}`, `${root}/${name}`);
    }
  }
  return root;
}
