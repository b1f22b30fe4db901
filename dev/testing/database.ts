/**
 * A database of a Redis that somebody else runs, claimed for one test.
 *
 * @module
 */

import { Redis } from "ioredis";
import type { TestRedis } from "./redis.ts";

const CLAIM = "test:claimed";
/** A claim outlives a test that was killed by this much. */
const CLAIM_SECONDS = 600;

/**
 * Claims the first database, from 1 on, that is empty and that no other test has. Database 0 is left alone: that is
 * where people keep things.
 *
 * @param url Address of the server.
 * @returns The database as a test's Redis; disposing of it empties it.
 * @throws {Error} When all databases are in use.
 */
export async function claimDatabase(url: string): Promise<TestRedis> {
  const address = new URL(url);
  const client = new Redis(url, { db: 0, maxRetriesPerRequest: 0 });
  try {
    const db = await claim(client);
    address.pathname = `/${db}`;
    const refuse = () => {
      return Promise.reject(
        new Error(
          `${address.host} is not this test's own process; ask for testRedis({ own: true })`,
        ),
      );
    };
    return {
      url: address.href,
      host: address.hostname,
      port: Number(address.port || 6379),
      db,
      pid: 0,
      kill: refuse,
      restart: refuse,
      [Symbol.asyncDispose]: async () => {
        await client.flushdb();
        await client.quit();
      },
    };
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

async function claim(client: Redis): Promise<number> {
  for (let db = 1;; db++) {
    try {
      await client.select(db);
    } catch (error) {
      throw new Error(
        `Expected an empty database for this test: those from 1 to ${
          db - 1
        } are all in use`,
        { cause: error },
      );
    }
    if (await client.set(CLAIM, Deno.pid, "EX", CLAIM_SECONDS, "NX") !== "OK") {
      continue;
    }
    // The claim itself is the one key of an empty database. It is taken back where a test was not the last one there.
    if (await client.dbsize() === 1) {
      return db;
    }
    await client.del(CLAIM);
  }
}
