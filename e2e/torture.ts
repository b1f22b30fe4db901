/**
 * `deno task torture`: kills processing and Redis under load, then counts every reading.
 *
 * Each reading has a power of its own, so that what was posted can be told from what was stored, one by one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { startService, testRedis, until } from "../dev/testing.ts";
import type { Service, TestRedis } from "../dev/testing.ts";

/** How hard it gets. */
export interface TortureOptions {
  /** Readings that are posted. */
  readings: number;
  /** Times that a processing replica is killed with SIGKILL. */
  kills: number;
  /** Times that Redis is killed with SIGKILL and started again on its data. */
  restarts: number;
}

/** What came of it. */
export interface TortureReport {
  posted: number;
  stored: number;
  lost: number;
  twice: number;
  dead_letters: number;
  kills: number;
  restarts: number;
  /** Requests that were sent again after a 503 or a broken connection. */
  retries: number;
  seconds: number;
}

const BATCH = 200;
const SITES = 20;
const REPLICAS = 2;

/**
 * Runs it.
 *
 * @param options How hard.
 * @returns What came of it; `lost`, `twice` and `dead_letters` must be 0.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  await using redis = await testRedis({ persist: true });
  await using ingestion = await startService("ingestion", {
    REDIS_URL: redis.url,
    LOG_LEVEL: "error",
  });
  const startReplica = () =>
    startService("processing", {
      REDIS_URL: redis.url,
      LOG_LEVEL: "error",
      BATCH_SIZE: "500",
    }, {
      ready: false,
    });
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, startReplica),
  );
  const started = Date.now();
  let done = 0, retries = 0;

  const batches = Array.from(
    { length: Math.ceil(options.readings / BATCH) },
    (_, index) => index * BATCH,
  );
  const next = batches[Symbol.iterator]();
  const total = options.kills + options.restarts;
  let struck = 0;

  async function post(): Promise<void> {
    for (const first of next) {
      // The load waits for the blows, so that each of them falls into the middle of it.
      await until(() => done / options.readings <= (struck + 1) / (total + 1), {
        timeout: 120_000,
        message: "the blows keep up",
      });
      const count = Math.min(BATCH, options.readings - first);
      const body = JSON.stringify(
        Array.from({ length: count }, (_, i) => reading(first + i)),
      );
      retries += await postUntilTaken(ingestion.url, `torture-${first}`, body);
      done += count;
    }
  }

  async function strike(): Promise<void> {
    const every = Math.max(
      1,
      Math.floor(total / Math.max(1, options.restarts)),
    );
    let restarts = 0;
    for (; struck < total; struck++) {
      await until(() => done / options.readings >= struck / (total + 1), {
        timeout: 120_000,
        message: "the load goes on",
      });
      if (restarts < options.restarts && struck % every === every - 1) {
        restarts++;
        await restart(redis);
      } else {
        const which = struck % REPLICAS;
        await kill(replicas[which]);
        replicas[which] = await startReplica();
      }
    }
  }

  await Promise.all([strike(), ...Array.from({ length: 4 }, post)]);
  const client = new Redis(redis.url);
  try {
    await until(async () => await backlog(client) === 0, {
      timeout: 120_000,
      message: "nothing waits any more",
    });
    const seen = await count(client, options.readings);
    return {
      posted: options.readings,
      stored: seen.stored,
      lost: seen.lost,
      twice: seen.twice,
      dead_letters: await client.xlen("energy_readings:dead"),
      kills: options.kills,
      restarts: options.restarts,
      retries,
      seconds: Math.round((Date.now() - started) / 100) / 10,
    };
  } finally {
    client.disconnect();
    for (const replica of replicas) await replica[Symbol.asyncDispose]();
  }
}

function reading(index: number) {
  return {
    site_id: `site-${index % SITES}`,
    device_id: `meter-${index % 7}`,
    power_reading: index,
    timestamp: new Date(Date.UTC(2024, 0, 1) + index * 1000).toISOString(),
  };
}

/** Posts until it is taken: the key makes that safe when it is not known whether it was. */
async function postUntilTaken(
  url: string,
  key: string,
  body: string,
): Promise<number> {
  for (let retries = 0;; retries++) {
    const response = await fetch(`${url}/readings`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body,
    });
    const text = await response.text();
    if (response.status === 202) return retries;
    if (response.status !== 503) {
      throw new Error(`Ingestion answered ${response.status}: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function kill(replica: Service): Promise<void> {
  replica.kill("SIGKILL");
  await replica.exited;
}

async function restart(redis: TestRedis): Promise<void> {
  await redis.kill("SIGKILL");
  await redis.restart();
}

async function backlog(client: Redis): Promise<number> {
  const [group] = await client.xinfo(
    "GROUPS",
    "energy_readings",
  ) as unknown[][];
  const field = (name: string) => Number(group[group.indexOf(name) + 1] ?? NaN);
  return field("lag") + field("pending");
}

async function count(client: Redis, readings: number) {
  const times = new Uint8Array(readings);
  let stored = 0;
  for (let site = 0; site < SITES; site++) {
    for (
      const json of await client.lrange(`site_readings:site-${site}`, 0, -1)
    ) {
      times[JSON.parse(json).power_reading]++;
      stored++;
    }
  }
  return {
    stored,
    lost: times.filter((n) => n === 0).length,
    twice: times.filter((n) => n > 1).length,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      readings: { type: "string", default: "100000" },
      kills: { type: "string", default: "20" },
      restarts: { type: "string", default: "3" },
    },
  });
  const report = await torture({
    readings: Number(values.readings),
    kills: Number(values.kills),
    restarts: Number(values.restarts),
  });
  console.table(report);
  const whole = report.stored === report.posted && report.lost === 0 &&
    report.twice === 0 &&
    report.dead_letters === 0;
  console.log(
    whole
      ? "Every reading is stored once."
      : "Readings are missing or there twice.",
  );
  Deno.exit(whole ? 0 : 1);
}
