/**
 * The launcher's Redis: found, and unless somebody else runs it, kept running with data that stay.
 *
 * @module
 */

import { print as say } from "../console.ts";
import { supervise } from "../supervisor.ts";
import { compressionArgs } from "./compression.ts";
import { lockDataDir } from "./datadir.ts";
import { DURABLE } from "./durable.ts";
import { findRedis } from "./find.ts";
import { type RedisServer, startRedis } from "./server.ts";

/** A Redis for the services. */
export interface LaunchedRedis extends AsyncDisposable {
  /** The environment that leads a service to it. */
  env: Record<string, string>;
  /** Its address, for people. */
  shown: string;
}

/** Settings that would lead a service past our own Redis; empty counts as unset. */
const NO_OTHER = {
  REDIS_SENTINELS: "",
  REDIS_USERNAME: "",
  REDIS_PASSWORD: "",
  REDIS_TLS: "",
};

/** What Redis says at each start and end, none of it of use to a developer. */
const ROUTINE =
  /Redis is starting|Redis version|Configuration loaded|initialized|overcommit|User requested|ready to exit/;

/** What Redis says when the disk is full; which disk that is, it does not. */
const FULL = /Short write|No space left/;

/**
 * Finds a Redis and runs it if need be.
 *
 * @param dir Directory of its data, which is locked while it runs.
 * @param avoid Ports that it may not take, for the services will.
 * @param print Prints a line about it.
 * @param stop Ends the search and the start; its reason is thrown.
 * @returns The Redis; disposing of it stops it and gives the directory up.
 * @throws {Error} When there is none, when it does not start, or when somebody else uses the directory.
 */
export async function runRedis(
  dir: string,
  avoid: number[],
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<LaunchedRedis> {
  const extraArgs = compressionArgs();
  const source = await findRedis({ progress: say, signal: stop });
  say(source.says);
  if (source.kind === "external") {
    return {
      env: {},
      shown: source.says.replace(/^Redis: /, ""),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  const lock = await lockDataDir(dir);
  let server: RedisServer | undefined;
  const start = async () => {
    if (server) await server.restart();
    else {
      server = await startRedis({
        source,
        dir,
        avoid,
        ...DURABLE,
        extraArgs,
        log,
        signal: stop,
      });
    }
    await lock.note(server.port);
    // `exited` is that of the process that runs now, which a restart exchanges.
    const { pid, exited, kill } = server;
    return { pid, exited, kill };
  };
  const log = (line: string) => {
    if (
      / # /.test(line) && !ROUTINE.test(line) || line.startsWith("redis-start:")
    ) print(line);
    if (FULL.test(line)) {
      print(
        `** The disk of ${dir} is full: Redis cannot write. Make room there`,
      );
    }
  };
  try {
    const supervised = await supervise({
      start,
      say: (line) => print(`** redis ${line}`),
    });
    return {
      env: { ...NO_OTHER, REDIS_URL: server!.url },
      shown: `${server!.url}, data in ${dir}`,
      [Symbol.asyncDispose]: async () => {
        await supervised.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
