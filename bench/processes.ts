/**
 * What is measured, as processes: Redis, the services, and their floors.
 *
 * @module
 */

import { Redis } from "ioredis";
import { eachLine } from "../dev/lines.ts";
import { ROOT } from "../dev/paths.ts";
import { freePort } from "../dev/ports.ts";
import type { RedisSource } from "../dev/redis/find.ts";
import { startRedis } from "../dev/redis/server.ts";
import { spawnTethered } from "../dev/tether.ts";
import { taskCommand } from "../dev/tasks.ts";

/** A Redis on this machine. */
export type Source = Extract<RedisSource, { kind: "binary" }>;

/** A Redis that holds nothing but what is measured. */
export interface BenchRedis extends AsyncDisposable {
  url: string;
  port: number;
  pid: number;
  client: Redis;
}

/**
 * Starts a Redis in a directory of its own, which goes with it.
 *
 * @param source How to start it.
 * @param appendfsync When its append-only file is flushed.
 * @returns The running Redis and a connection to it.
 */
export async function benchRedis(
  source: Source,
  appendfsync: "always" | "everysec",
): Promise<BenchRedis> {
  const dir = await Deno.makeTempDir({ prefix: "energy-bench-" });
  const server = await startRedis({
    source,
    dir,
    appendonly: "yes",
    appendfsync,
    // A rewrite in the middle of one round and not of another would be measured with it.
    extraArgs: ["--auto-aof-rewrite-percentage", "0"],
    orphanSignal: "SIGKILL",
    removeDir: true,
  });
  const client = new Redis(server.url);
  const pid = /process_id:(\d+)/.exec(await client.info("server"))![1];
  return {
    url: server.url,
    port: server.port,
    pid: Number(pid),
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** A process that is measured. */
export interface BenchProcess extends AsyncDisposable {
  url: string;
  pid: number;
  /** The most memory it had resident so far, in MB (10^6 bytes). */
  peakMB(): number;
}

/** The programs that can be started: services by their tasks, floors by their files. */
export type Program =
  | "ingestion"
  | "processing"
  | "floor_server"
  | "floor_loop";

/**
 * Starts a program and does not wait for it.
 *
 * @param program Which.
 * @param env Its environment, besides its `PORT` and what Deno needs.
 * @returns The process; disposing of it kills it.
 */
export async function start(
  program: Program,
  env: Record<string, string> = {},
): Promise<BenchProcess> {
  const port = freePort();
  const floor = ["--allow-net", "--allow-env", "--allow-read"];
  const task = program.startsWith("floor_")
    ? { args: ["run", ...floor, `bench/${program}.ts`], env: {} }
    : await taskCommand(program);
  const child = spawnTethered(Deno.execPath(), {
    args: task.args,
    cwd: ROOT,
    env: {
      ...task.env,
      ...env,
      PORT: String(port),
      HOST: "127.0.0.1",
      LOG_FORMAT: "json",
    },
    orphanSignal: "SIGKILL",
  });
  const lines: string[] = [];
  let killed = false;
  const read = [child.stdout, child.stderr].map((stream) =>
    eachLine(stream, (line) => void lines.push(line))
  );
  child.exited.then(async () => {
    await Promise.all(read);
    if (!killed) console.error(`${program} ended:\n${lines.join("\n")}`);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    peakMB() {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024 / 1e6;
    },
    async [Symbol.asyncDispose]() {
      killed = true;
      child.kill("SIGKILL");
      await child.exited;
      await Promise.all(read);
    },
  };
}

/**
 * Waits until a process is ready, looking every two milliseconds.
 *
 * @param process The process.
 * @throws {Error} When it is not ready within twenty seconds.
 */
export async function ready({ url }: BenchProcess): Promise<void> {
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    try {
      const response = await fetch(`${url}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Expected ${url} to be ready within 20 s`);
}
