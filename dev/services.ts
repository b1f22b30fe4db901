/**
 * The services as children of the launcher.
 *
 * @module
 */

import { printerFor } from "./console.ts";
import { eachLine } from "./lines.ts";
import { ROOT } from "./paths.ts";
import type { WantedPort } from "./ports.ts";
import { supervise, type Supervised } from "./supervisor.ts";
import { taskCommand } from "./tasks.ts";
import { spawnTethered } from "./tether.ts";
import { until } from "./until.ts";

/** What each task ends with when a setting cannot be used, which a second start does not change. */
const UNUSABLE = 2;

/** A service that is kept running. */
export interface ServiceOptions {
  /** The name of its task in deno.json, which has the permissions it runs with. */
  name: string;
  /** Its environment, on top of the launcher's own. */
  env: Record<string, string>;
  /** Where it listens; without a port it is ready as soon as it runs. */
  port?: WantedPort;
}

/**
 * Starts a service and keeps it running.
 *
 * @param options Which one.
 * @returns The service, started and not necessarily ready.
 */
export async function superviseService(
  { name, env, port }: ServiceOptions,
): Promise<Supervised> {
  const print = printerFor(name);
  const task = await taskCommand(name);
  return await supervise({
    start: () => {
      const child = spawnTethered(Deno.execPath(), {
        args: task.args,
        cwd: ROOT,
        env: {
          ...task.env,
          LOG_FORMAT: Deno.env.get("LOG_FORMAT") || "text",
          ...env,
          ...(port ? { PORT: String(port.port) } : {}),
        },
      });
      eachLine(child.stdout, print);
      eachLine(child.stderr, print);
      return child;
    },
    ready: port && ((signal) => untilReady(`${localUrl(port)}/readyz`, signal)),
    say: (line) => print(`** ${name} ${line}`),
    hopeless: UNUSABLE,
  });
}

/**
 * The address at which this machine reaches one of its own ports.
 *
 * @param port The port.
 * @returns The address, `http://localhost:8000`.
 */
export function localUrl({ port }: { port: number }): string {
  const host = Deno.env.get("HOST") || "0.0.0.0";
  const anywhere = ["0.0.0.0", "::", "127.0.0.1", "localhost"].includes(host);
  return `http://${anywhere ? "localhost" : host}:${port}`;
}

function untilReady(url: string, signal: AbortSignal): Promise<unknown> {
  const isReady = async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  };
  // The first start fetches packages, and an external Redis may come later than we do: there is no end to the patience.
  return until(isReady, { timeout: Infinity, signal });
}
