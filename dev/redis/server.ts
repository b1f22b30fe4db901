/**
 * Running a Redis of one's own.
 *
 * @module
 */

import { eachLine } from "../lines.ts";
import { freePort } from "../ports.ts";
import { spawnTethered, type Tethered } from "../tether.ts";
import { until } from "../until.ts";
import { dockerRunArgs, signalContainer, START_SCRIPT } from "./docker.ts";
import type { RedisSource } from "./find.ts";
import { askRedis, identifyRedis } from "./probe.ts";

/** A Redis to start. */
export interface RedisOptions {
  /** How to start one, from `findRedis({ own: true })`. */
  source: Exclude<RedisSource, { kind: "external" }>;
  /** Directory for its data; made if it is missing. */
  dir: string;
  /** Port on 127.0.0.1; a free one when not given. */
  port?: number;
  /** Ports that a free one may not be, for others will listen there. */
  avoid?: number[];
  /**
   * Whether to keep an append-only file.
   *
   * @default {"no"}
   */
  appendonly?: "yes" | "no";
  /**
   * When that file is flushed to the disk.
   *
   * @default {"always"}
   */
  appendfsync?: "always" | "everysec" | "no";
  /** More arguments of redis-server. */
  extraArgs?: string[];
  /** What happens to it when this process dies; see `TetherOptions`. */
  orphanSignal?: "SIGTERM" | "SIGKILL";
  /** Whether the data directory goes with an orphan that had to be ended. */
  removeDir?: boolean;
  /** Told each line of its log. */
  log?: (line: string) => void;
  /** Ends a first start that takes long, be it for an image that is pulled or a file that is read; its reason is thrown. */
  signal?: AbortSignal;
}

/** A Redis that runs. */
export interface RedisServer {
  /** Its address, `redis://127.0.0.1:port`. */
  readonly url: string;
  /** Its port, the same after a restart. */
  readonly port: number;
  /** The pid of its process (in Docker: of the client). Changes with a restart. */
  readonly pid: number;
  /** Resolves when the process that runs now has ended. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Ends it as an operator would: SIGTERM, and SIGKILL when it has not ended after ten seconds. */
  stop(): Promise<void>;
  /** Sends a signal. After one that ends it, wait for `exited`. */
  kill(signal: Deno.Signal): Promise<void>;
  /** Starts it again on the same port and data; stops it first if it runs. */
  restart(): Promise<void>;
}

/**
 * Starts a Redis and waits until it answers.
 *
 * @param options What to start.
 * @returns The running server.
 * @throws {Error} When it does not start; the message ends with the last lines of its log.
 *
 * @example
 * ```ts
 * const source = await findRedis({ own: true });
 * const redis = await startRedis({ source, dir: "/tmp/data" });
 * await redis.stop();
 * ```
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  await Deno.mkdir(options.dir, { recursive: true });
  let port = options.port ?? freePort(options.avoid);
  let running: Running;
  for (let tries = 1;; tries++) {
    try {
      running = await launch(options, port);
      break;
    } catch (error) {
      // Between finding the port and listening on it, another process took it.
      if (
        options.port !== undefined || tries === 5 ||
        !/in use/i.test(String(error))
      ) throw error;
      port = freePort(options.avoid);
    }
  }

  const stop = async () => {
    await running.kill("SIGTERM");
    const timer = setTimeout(() => running.kill("SIGKILL"), 10_000);
    await running.ended;
    clearTimeout(timer);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid;
    },
    get exited() {
      return running.exited;
    },
    stop,
    kill: (signal) => running.kill(signal),
    restart: async () => {
      await stop();
      running = await launch({ ...options, signal: undefined }, port);
    },
  };
}

interface Running {
  pid: number;
  exited: Promise<Deno.CommandStatus>;
  /** Like `exited`, and its output has been read to the end. */
  ended: Promise<void>;
  kill(signal: Deno.Signal): Promise<void>;
}

async function launch(options: RedisOptions, port: number): Promise<Running> {
  const { source } = options;
  const container = `energy-redis-${port}-${crypto.randomUUID().slice(0, 8)}`;
  const child = source.kind === "binary"
    ? spawnTethered("/bin/sh", {
      args: [
        START_SCRIPT,
        `${options.dir}/appendonlydir`,
        source.path,
        ...redisArgs(options, options.dir, port, "127.0.0.1"),
      ],
      env: source.env,
      orphanSignal: options.orphanSignal,
      removeDir: options.removeDir ? options.dir : undefined,
    })
    : spawnTethered(source.client, {
      args: dockerRunArgs({
        name: container,
        dir: options.dir,
        port,
        command: [
          ...["sh", "/redis-start.sh", "/data/appendonlydir", "redis-server"],
          ...redisArgs(options, "/data", 6379, "0.0.0.0"),
        ],
      }),
    });
  const lastLines: string[] = [];
  const output = Promise.all(
    [child.stdout, child.stderr].map((stream) =>
      eachLine(stream, (line) => {
        lastLines.push(line);
        if (lastLines.length > 20) lastLines.shift();
        options.log?.(line);
      })
    ),
  );
  const running: Running = {
    pid: child.pid,
    exited: child.exited,
    ended: Promise.all([child.exited, output]).then(() => {}),
    kill: async (signal) => {
      if (source.kind === "docker") {
        await signalContainer(source.client, container, signal);
      } else child.kill(signal);
    },
  };
  try {
    await untilReady(child, port, source.kind === "binary", options.signal);
  } catch (error) {
    await running.kill("SIGKILL");
    // While an image is pulled there is no container yet that could be killed.
    child.kill("SIGTERM");
    await running.ended;
    options.signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : error;
    throw new Error(
      `Redis did not start on port ${port}: ${reason}\n${
        lastLines.map((line) => `  ${line}`).join("\n")
      }`,
    );
  }
  return running;
}

/** Waits until Redis answers; while it loads its file it says so (LOADING), and is waited for without an end. */
async function untilReady(
  child: Tethered,
  port: number,
  own: boolean,
  stop: AbortSignal = new AbortController().signal,
): Promise<void> {
  const early = new AbortController();
  child.exited.then(({ code, signal }) =>
    early.abort(new Error(`it ended with ${signal ?? `code ${code}`}`))
  );
  const address = { hostname: "127.0.0.1", port };
  await until(async () => {
    try {
      // The pid tells our Redis from one that another process put on the same port a moment earlier.
      return own
        ? (await identifyRedis(address)).pid === child.pid
        : await askRedis(address, ["PING"]) === "PONG";
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("LOADING")) {
        return false;
      }
      throw error;
    }
    // An image may have to be pulled first, a large file read.
  }, {
    timeout: own ? 60_000 : 300_000,
    message: "it answers PING",
    signal: AbortSignal.any([early.signal, stop]),
  });
}

function redisArgs(
  options: RedisOptions,
  dir: string,
  port: number,
  bind: string,
): string[] {
  return [
    ...["--port", String(port)],
    ...["--bind", bind],
    // In Docker the port is published on 127.0.0.1 alone, and reached from another address than the loopback.
    ...(bind === "127.0.0.1" ? [] : ["--protected-mode", "no"]),
    ...["--dir", dir],
    ...["--save", ""],
    ...["--appendonly", options.appendonly ?? "no"],
    ...["--appendfsync", options.appendfsync ?? "always"],
    ...["--maxmemory-policy", "noeviction"],
    // The fault tests need `DEBUG SLEEP`; it is allowed from this machine only.
    ...["--enable-debug-command", "local"],
    ...options.extraArgs ?? [],
  ];
}
