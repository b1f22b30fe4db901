/**
 * The whole system as real processes, on a Redis of its own.
 *
 * @module
 */

import { Redis } from "ioredis";
import { GROUP, STREAM } from "../../core/keys.ts";
import {
  type Service,
  startService,
  type TestRedis,
  testRedis,
  type TestRedisOptions,
  until,
} from "../../dev/testing.ts";

/** What of the system runs, and how it is set up. */
export interface SystemOptions {
  /** Which kind of Redis; by default a process of its own. */
  redis?: TestRedisOptions;
  /** Settings of ingestion. */
  ingestion?: Record<string, string>;
  /** Settings of each processing replica. */
  processing?: Record<string, string>;
  /**
   * Processing replicas to begin with.
   *
   * @default {1}
   */
  replicas?: number;
}

/** The running system. */
export type System = Awaited<ReturnType<typeof startSystem>>;

/**
 * Starts Redis, ingestion and processing, and waits until they are ready.
 *
 * @param options What of it, and how.
 * @returns The system; dispose of it at the end of the test.
 */
export async function startSystem(options: SystemOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await testRedis(options.redis ?? { own: true }));
  const client = stack.adopt(connect(redis), (it) => it.disconnect());
  const startReplica = async (env: Record<string, string> = {}) => {
    const replica = await startService("processing", {
      REDIS_URL: redis.url,
      ...options.processing,
      ...env,
    });
    // A replica that a test starts later is the system's to end, too.
    parts.use(replica);
    return replica;
  };
  const parts = stack.use(new AsyncDisposableStack());
  const ingestion = stack.use(
    await startService("ingestion", {
      REDIS_URL: redis.url,
      ...options.ingestion,
    }),
  );
  const replicas = await Promise.all(
    Array.from({ length: options.replicas ?? 1 }, () => startReplica()),
  );
  const owned = stack.move();
  return {
    redis,
    /** A connection of the test's own, which waits while Redis is away. */
    client,
    ingestion,
    replicas,
    startReplica,
    drained: () => drained(client),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Connects a test to Redis; a command waits while Redis is away.
 *
 * @param redis The Redis.
 * @returns The connection.
 */
export function connect(redis: Pick<TestRedis, "url">): Redis {
  const client = new Redis(redis.url, {
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
  });
  client.on("error", () => {});
  return client;
}

/** What a consumer of the group holds. */
export interface Held {
  name: string;
  pending: number;
}

/**
 * Asks which consumers the group has.
 *
 * @param client The connection.
 * @returns Each with what it holds.
 */
export async function consumers(client: Redis): Promise<Held[]> {
  const rows = await client.xinfo("CONSUMERS", STREAM, GROUP) as unknown[][];
  return rows.map((row) => ({
    name: String(field(row, "name")),
    pending: Number(field(row, "pending")),
  }));
}

/**
 * Finds a replica's consumer: its name has the process's pid.
 *
 * @param client The connection.
 * @param replica The replica.
 * @returns The consumer, once there is one.
 */
export async function consumerOf(
  client: Redis,
  replica: Pick<Service, "pid">,
): Promise<Held | undefined> {
  return (await consumers(client)).find(({ name }) =>
    name.includes(`-${replica.pid}-`)
  );
}

/**
 * Stops a replica (SIGSTOP) while it holds entries. To have seen them at one that runs is not enough: by the time that a
 * signal arrives it may have acknowledged them.
 *
 * @param client The connection.
 * @param replica The replica, under load.
 * @param isOver Whether to stop it as it is, since nothing more comes.
 * @throws {Error} When it never holds any.
 */
export async function stopHolding(
  client: Redis,
  replica: Pick<Service, "pid" | "kill">,
  isOver: () => boolean = () => false,
): Promise<void> {
  const holds = async () =>
    ((await consumerOf(client, replica))?.pending ?? 0) > 0;
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    replica.kill("SIGSTOP");
    // By the second look Redis has done what the replica sent before it stopped.
    if (await holds() && await holds() || isOver()) return;
    replica.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("The replica never holds anything");
}

/**
 * Asks how much is not yet processed.
 *
 * @param client The connection.
 * @returns Lag and pending of the group, together.
 */
export async function backlog(client: Redis): Promise<number> {
  const groups = await client.xinfo("GROUPS", STREAM) as unknown[][];
  const group = groups.find((row) => field(row, "name") === GROUP)!;
  const lag = field(group, "lag");
  if (lag === null) throw new Error("the group's lag is not known");
  return Number(lag) + Number(field(group, "pending"));
}

/**
 * Waits until nothing waits any more.
 *
 * @param client The connection.
 */
export async function drained(client: Redis): Promise<void> {
  await until(async () => await backlog(client) === 0, {
    timeout: 60_000,
    message: "nothing waits any more",
  });
}

function field(row: unknown[], name: string): unknown {
  return row[row.indexOf(name) + 1];
}
