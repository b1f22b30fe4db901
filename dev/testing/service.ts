/**
 * A service as a real process, for tests that kill, stop and restart it.
 *
 * @module
 */

import { eachLine } from "../lines.ts";
import { ROOT } from "../paths.ts";
import { freePort } from "../ports.ts";
import { taskCommand } from "../tasks.ts";
import { spawnTethered } from "../tether.ts";
import { until } from "../until.ts";

/** A service that runs. */
export interface Service extends AsyncDisposable {
  /** Its address, `http://127.0.0.1:port`. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** Its pid. */
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** All that it has written so far, to standard output and standard error. */
  logs(): string;
  /** Sends a signal; does nothing once it has ended. */
  kill(signal: Deno.Signal): void;
  /** Sends SIGTERM and waits for the end; after twenty seconds SIGKILL. */
  stop(): Promise<Deno.CommandStatus>;
}

/** What a process needs of this one's environment to run at all. The rest is the test's to say. */
const PASSED_ON = /^(?:PATH|HOME|TMPDIR|XDG_.*|DENO_.*|SSL_CERT_.*)$/;

/**
 * Starts a service by the task of its name, with exactly the permissions that the task has, and waits until it is ready.
 *
 * @param name The task in deno.json: `ingestion`, `processing` or `web`.
 * @param env Its configuration, such as `REDIS_URL`. `PORT` is a free one unless given; nothing else is taken from this
 * process's environment.
 * @param options `ready: false` returns at once, for a service that is not supposed to become ready.
 * @returns The running service; dispose of it at the end of the test.
 * @throws {Error} When it ends, or is not ready within 20 s; the message has its log.
 *
 * @example
 * ```ts
 * await using redis = await testRedis();
 * await using ingestion = await startService("ingestion", { REDIS_URL: redis.url });
 * await fetch(`${ingestion.url}/health`);
 * ```
 */
export async function startService(
  name: string,
  env: Record<string, string> = {},
  options: { ready?: boolean } = {},
): Promise<Service> {
  const port = Number(env.PORT ?? freePort());
  const inherited = Object.entries(Deno.env.toObject()).filter(([key]) =>
    PASSED_ON.test(key)
  );
  const task = await taskCommand(name);
  const child = spawnTethered(Deno.execPath(), {
    args: task.args,
    cwd: ROOT,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      ...task.env,
      LOG_FORMAT: "json",
      ...env,
      PORT: String(port),
    },
    orphanSignal: "SIGKILL",
  });
  let text = "";
  const keep = (line: string) => void (text += line + "\n");
  const output = Promise.all([
    eachLine(child.stdout, keep),
    eachLine(child.stderr, keep),
  ]);
  // `logs()` is complete once this has resolved.
  const exited = Promise.all([child.exited, output]).then(([status]) => status);
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  const url = `http://127.0.0.1:${port}`;
  if (options.ready !== false) {
    const early = new AbortController();
    exited.then(({ code, signal }) =>
      early.abort(new Error(`it ended with ${signal ?? `code ${code}`}`))
    );
    try {
      await until(() => isReady(url), {
        timeout: 20_000,
        message: `${name} is ready`,
        signal: early.signal,
      });
    } catch (error) {
      child.kill("SIGKILL");
      await exited;
      // Between finding the port and listening on it, another process took it.
      if (env.PORT === undefined && text.includes(`Port ${port} is taken`)) {
        return await startService(name, env, options);
      }
      throw new Error(
        `${name} did not start: ${
          error instanceof Error ? error.message : error
        }\n${text}`,
        { cause: error },
      );
    }
  }
  return {
    url,
    port,
    pid: child.pid,
    exited,
    logs: () => text,
    kill: child.kill,
    stop,
    [Symbol.asyncDispose]: async () => {
      // SIGKILL, since the test is over and the service may have been stopped by SIGSTOP.
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`, {
    signal: AbortSignal.timeout(2000),
  });
  await response.body?.cancel();
  return response.ok;
}
