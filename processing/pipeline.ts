/**
 * How the pipeline does, all out of Redis: every replica gives the same answer.
 *
 * @module
 */

import {
  CONSUMER_PREFIX,
  DEAD_STREAM,
  GROUP,
  HISTORY,
  ROLLED,
  STATS,
  STREAM,
} from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { infoNumber, STEP_MS } from "./upkeep.ts";

/** One recorded step, as `sample.lua` writes it. */
interface Sample {
  t: number;
  added: number;
  stored: number;
  lag: number;
  pending: number;
  used_memory: number;
  latency_ms: number;
  latency_max_ms: number;
}

/** What happened in one step of ten seconds. */
export interface Step {
  /** When the step ended. */
  t: string;
  in_per_s: number;
  out_per_s: number;
  lag: number;
  pending: number;
  used_memory: number;
  /** Time from accepted to stored; `null` when nothing was stored. */
  latency_mean_ms: number | null;
  latency_max_ms: number | null;
}

/**
 * Describes the pipeline.
 *
 * @param redis The connection.
 * @returns Stream, group, dead letters, rollups, rates, latency, Redis, and the last hour in steps of ten seconds.
 */
export async function describePipeline(
  redis: Redis,
): Promise<Record<string, unknown>> {
  const [stream, groups, consumers, bytes, dead, stats, rolled, info, samples] =
    await Promise.all([
      redis.xinfo("STREAM", STREAM).catch(missing) as Promise<unknown[]>,
      redis.xinfo("GROUPS", STREAM).catch(missing) as Promise<unknown[][]>,
      redis.xinfo("CONSUMERS", STREAM, GROUP).catch(missing) as Promise<
        unknown[][]
      >,
      redis.memory("USAGE", STREAM, "SAMPLES", 20),
      redis.xlen(DEAD_STREAM),
      redis.hgetall(STATS),
      redis.hgetall(ROLLED),
      redis.info(),
      redis.lrange(HISTORY, 0, -1),
    ]);
  const length = number(record(stream).length);
  const group = groups.map(record).find(({ name }) => name === GROUP);
  const lag = group === undefined ? length : number(group.lag ?? length);
  const pending = number(group?.pending);
  const history = steps(samples.map((text) => JSON.parse(text)));
  const latest = history.at(-1);
  return {
    stream: {
      length,
      bytes: bytes ?? 0,
      entries_added: number(record(stream)["entries-added"]),
    },
    group: {
      lag,
      pending,
      backlog: lag + pending,
      consumers: await describeConsumers(redis, consumers.map(record)),
      blocking_groups: groups.map(record).filter(({ name }) => name !== GROUP)
        .map(({ name }) => name),
    },
    stored: number(stats.stored),
    dead_letters: dead,
    rollups: {
      sites: number(rolled.sites),
      sites_behind: number(rolled.sites_behind),
      readings: number(rolled.readings),
      readings_behind: number(rolled.readings_behind),
    },
    rates: {
      in_per_s: latest?.in_per_s ?? 0,
      out_per_s: latest?.out_per_s ?? 0,
    },
    latency: {
      mean_ms: latest?.latency_mean_ms ?? null,
      max_ms: latest?.latency_max_ms ?? null,
    },
    redis: {
      version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? "",
      used_memory: infoNumber(info, "used_memory"),
      maxmemory: infoNumber(info, "maxmemory"),
      policy: /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "",
      aof: infoNumber(info, "aof_enabled") === 1,
      connected_clients: infoNumber(info, "connected_clients"),
    },
    history,
  };
}

async function describeConsumers(
  redis: Redis,
  consumers: Record<string, unknown>[],
) {
  if (consumers.length === 0) return [];
  const alive = await redis.mget(
    consumers.map(({ name }) => CONSUMER_PREFIX + name),
  );
  return consumers.map(({ name, pending, idle }, index) => ({
    name,
    pending,
    idle_ms: idle,
    alive: alive[index] !== null,
  }));
}

/** Counters become rates; a counter that went back belongs to a Redis that was emptied. */
function steps(samples: Sample[]): Step[] {
  return samples.slice(1).map((now, index) => {
    const before = samples[index];
    const seconds = Math.max(STEP_MS, now.t - before.t) / 1000;
    const stored = Math.max(0, now.stored - before.stored);
    return {
      t: new Date(now.t).toISOString(),
      in_per_s: round(Math.max(0, now.added - before.added) / seconds),
      out_per_s: round(stored / seconds),
      lag: now.lag,
      pending: now.pending,
      used_memory: now.used_memory,
      latency_mean_ms: stored === 0
        ? null
        : round((now.latency_ms - before.latency_ms) / stored),
      latency_max_ms: stored === 0 ? null : now.latency_max_ms,
    };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function number(value: unknown): number {
  return Number(value ?? 0);
}

function record(list: unknown[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < list.length; i += 2) {
    fields[String(list[i])] = list[i + 1];
  }
  return fields;
}

/** No stream or no group yet is nothing wrong: there is nothing to tell of it. */
function missing(error: Error): unknown[] {
  if (/no such key|NOGROUP/.test(error.message)) return [];
  throw error;
}
