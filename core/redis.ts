/**
 * The connection to Redis.
 *
 * @module
 */

import { Redis, type RedisOptions } from "ioredis";
import type { CommonConfig } from "./config.ts";
import type { Logger } from "./log.ts";

export type { Redis };

/** How long a connection attempt may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;

/** A certificate whose authority is not known, in the words of Deno's TLS, now and before. */
const UNTRUSTED =
  /self-signed|issuer certificate|first certificate|UnknownIssuer/i;

/** The settings that say where Redis is. */
export type RedisConfig = Pick<
  CommonConfig,
  Extract<keyof CommonConfig, `REDIS_${string}`>
>;

/**
 * Opens a connection. It returns at once and connects in the background, again and again with a delay that
 * grows to two seconds. A command is never sent twice: ioredis would send what was under way when a connection
 * broke once more, and so make one reading two; with no retries it rejects instead, and while there is no
 * connection a command fails at once rather than waiting in memory.
 *
 * @param config Where Redis is.
 * @param options `name` shows in CLIENT LIST; `blocking` is for a connection whose commands may wait.
 * @param log Told when the connection is lost and found again.
 * @returns The client.
 */
export function connectRedis(
  config: RedisConfig,
  options: { name: string; blocking?: boolean },
  log?: Logger,
): Redis {
  const client = new Redis({
    ...addressOf(config),
    connectionName: options.name,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: options.blocking ? undefined : config.REDIS_TIMEOUT_MS,
    // A peer that vanished without a word is given up, or commands would wait for the kernel's minutes.
    socketTimeout: Math.max(15_000, 3 * config.REDIS_TIMEOUT_MS),
    keepAlive: 10_000,
    retryStrategy: backoff,
    sentinelRetryStrategy: backoff,
    // After a failover the old master answers READONLY: leave it and ask for the new one.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  // A wrong password is two errors in turn, again with each attempt.
  const complaints = new Set<string>();
  client.on("error", (error: Error) => {
    const reason = reasonOf(error, client.status === "connect");
    if (complaints.has(reason)) return;
    complaints.add(reason);
    log?.warning(
      "Redis at {address} cannot be used: {reason}. It is tried again until it can.",
      {
        address: describeRedis(config),
        reason,
      },
    );
  });
  client.on("ready", () => {
    if (complaints.size > 0) {
      log?.info("Redis at {address} is back.", {
        address: describeRedis(config),
      });
    }
    complaints.clear();
  });
  client.on("close", () => endSocketTimeout(client));
  return client;
}

/**
 * Says where Redis is, without user or password.
 *
 * @param config Where Redis is.
 * @returns For example `localhost:6379`, or the master's name and its Sentinels.
 */
export function describeRedis(config: RedisConfig): string {
  if (config.REDIS_SENTINELS !== undefined) {
    return `${config.REDIS_SENTINEL_NAME} (Sentinels ${config.REDIS_SENTINELS})`;
  }
  if (config.REDIS_URL === undefined) {
    return `${config.REDIS_HOST}:${config.REDIS_PORT}`;
  }
  return URL.parse(config.REDIS_URL)?.host ?? "REDIS_URL";
}

/**
 * How long to wait before a connection is tried again: longer each time, up to two seconds, and not the same for all who
 * lost theirs together.
 *
 * @param attempt How often it was tried.
 * @returns Milliseconds.
 */
export function backoff(attempt: number): number {
  const ceiling = Math.min(2000, 50 * 2 ** Math.min(attempt, 8));
  return ceiling / 2 + Math.random() * ceiling / 2;
}

/**
 * Ends the timer of `socketTimeout` together with the connection it was set for. The library ends it when data come,
 * which a broken connection owes for ever; left alone, it would destroy the connection that is the client's by then.
 */
function endSocketTimeout(client: Redis): void {
  const internals = client as unknown as {
    socketTimeoutTimer?: ReturnType<typeof setTimeout>;
  };
  clearTimeout(internals.socketTimeoutTimer);
  internals.socketTimeoutTimer = undefined;
}

/** What an error says, without what differs each time: how long the client waits until it asks the Sentinels again. */
function reasonOf(error: Error, connecting: boolean): string {
  const message = error.message || (error as { code?: string }).code ||
    error.name;
  // While its first questions are not answered yet; the client then says the same once more, in words of its own.
  if (
    connecting && /EPIPE|ECONNRESET/.test(message) ||
    error.name === "MaxRetriesPerRequestError" ||
    message.startsWith("Stream isn't writeable")
  ) {
    return "it closes the connection without an answer (does one side speak TLS and the other not?)";
  }
  if (UNTRUSTED.test(message)) {
    return `its certificate is not trusted (${message}); REDIS_CA_FILE is to name the certificate of the authority that signed it`;
  }
  return message.replace(/ Retrying from scratch after [\d.]+ms\./, "")
    .replace(/\.$/, "");
}

function addressOf(config: RedisConfig): RedisOptions {
  const url = config.REDIS_URL === undefined
    ? undefined
    : new URL(config.REDIS_URL);
  const tls = config.REDIS_TLS || url?.protocol === "rediss:"
    ? {
      ca: config.REDIS_CA_FILE === undefined
        ? undefined
        : Deno.readTextFileSync(config.REDIS_CA_FILE),
    }
    : undefined;
  const common: RedisOptions = {
    username: (url && decodeURIComponent(url.username)) ||
      config.REDIS_USERNAME,
    password: (url && decodeURIComponent(url.password)) ||
      config.REDIS_PASSWORD,
    db: url ? Number(url.pathname.slice(1) || 0) : 0,
    tls,
  };
  if (config.REDIS_SENTINELS !== undefined) {
    return {
      ...common,
      name: config.REDIS_SENTINEL_NAME,
      sentinels: config.REDIS_SENTINELS.split(",").map((entry) => {
        const [host, port] = entry.trim().split(":");
        return { host, port: Number(port) };
      }),
      sentinelPassword: config.REDIS_SENTINEL_PASSWORD,
      sentinelTLS: tls,
      enableTLSForSentinelMode: tls !== undefined,
    };
  }
  if (url !== undefined) {
    return {
      ...common,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || 6379),
    };
  }
  return { ...common, host: config.REDIS_HOST, port: config.REDIS_PORT };
}
