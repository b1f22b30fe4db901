/**
 * An empty Redis for one test.
 *
 * @module
 */

import { findRedis, type RedisSource } from "../redis/find.ts";
import { startRedis } from "../redis/server.ts";
import { DURABLE } from "../redis/durable.ts";

/** What `deno task test` passes on, so that Redis is looked for once. */
export const SOURCE_VARIABLE = "TEST_REDIS_SOURCE";

/** Which kind of Redis a test needs. */
export interface TestRedisOptions {
  /** Keep an append-only file, flushed at each write, so that the data survive `restart()` and `kill()`. */
  persist?: boolean;
  /** A process of its own even when `REDIS_URL` is set; implied by `persist` and by `extraArgs`. */
  own?: boolean;
  /** More arguments of redis-server. */
  extraArgs?: string[];
}

/** A Redis that is empty at first and gone at the end of the test. */
export interface TestRedis extends AsyncDisposable {
  /** Its address, with the database if that is not 0. */
  readonly url: string;
  /** Its host. */
  readonly host: string;
  /** Its port; the same after a restart. */
  readonly port: number;
  /** The database; 0 when the process is the test's own. */
  readonly db: number;
  /** The pid of the process, which changes with a restart; 0 when it is not the test's own. */
  readonly pid: number;
  /**
   * Sends a signal and, if it is one that ends a process, waits until it has ended.
   *
   * @param signal SIGKILL when not given.
   * @throws {Error} When the process is not the test's own.
   */
  kill(signal?: Deno.Signal): Promise<void>;
  /**
   * Starts it again on the same port; stops it first if it runs.
   *
   * @throws {Error} When the process is not the test's own.
   */
  restart(): Promise<void>;
}

/** Signals after which a process goes on, or may. */
const HARMLESS: Deno.Signal[] = ["SIGSTOP", "SIGCONT", "SIGUSR1", "SIGUSR2"];

/**
 * Gives a test an empty Redis: a process of its own, or a database of its own when `REDIS_URL` names a server.
 *
 * @param options Which kind is needed.
 * @returns The Redis; dispose of it at the end of the test.
 * @throws {Error} When there is no Redis on this machine, or none that could be an own process where one is needed.
 *
 * @example
 * ```ts
 * Deno.test("publish() appends", async () => {
 *   await using redis = await testRedis();
 *   const client = new Redis(redis.url);
 * });
 * ```
 */
export async function testRedis(
  options: TestRedisOptions = {},
): Promise<TestRedis> {
  const own = Boolean(options.own || options.persist || options.extraArgs);
  const source = await findSource(own);
  if (source.kind === "external") {
    const { claimDatabase } = await import("./database.ts");
    return await claimDatabase(source.url);
  }

  const dir = await Deno.makeTempDir({ prefix: "energy-redis-" });
  const redis = await startRedis({
    source,
    dir,
    ...(options.persist ? DURABLE : {}),
    extraArgs: options.extraArgs,
    orphanSignal: "SIGKILL",
    removeDir: true,
  });
  return {
    url: redis.url,
    host: "127.0.0.1",
    port: redis.port,
    db: 0,
    get pid() {
      return redis.pid;
    },
    kill: async (signal = "SIGKILL") => {
      const { exited } = redis;
      await redis.kill(signal);
      if (!HARMLESS.includes(signal)) await exited;
    },
    restart: redis.restart,
    [Symbol.asyncDispose]: async () => {
      // It may be stopped or asleep, and nothing of it is kept: there is no reason to ask it politely.
      await redis.kill("SIGKILL");
      await redis.exited;
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function findSource(own: boolean): Promise<RedisSource> {
  const passed = Deno.env.get(SOURCE_VARIABLE);
  const source: RedisSource | undefined = passed
    ? JSON.parse(passed)
    : undefined;
  if (source && !(own && source.kind === "external")) return source;
  if (!own) return await findRedis();
  return await findRedis({ own: true, offline: true }).catch((error) => {
    throw new Error(
      `This test needs a Redis process of its own, which REDIS_URL cannot give. ${error.message}`,
      { cause: error },
    );
  });
}
