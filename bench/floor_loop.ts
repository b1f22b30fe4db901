/**
 * The floor of a drain: a consumer as it is written at first, that reads ten entries and does an RPUSH and an XACK for
 * each, awaiting every one.
 *
 * @module
 */

import { Redis } from "ioredis";
import { GROUP, readingsKey, STREAM } from "../core/keys.ts";

const redis = new Redis(Deno.env.get("REDIS_URL")!);
while (true) {
  const reply = await redis.xreadgroup(
    "GROUP",
    GROUP,
    "loop",
    "COUNT",
    10,
    "BLOCK",
    1000,
    "STREAMS",
    STREAM,
    ">",
  ) as [string, [string, string[]][]][] | null;
  for (const [id, fields] of reply?.[0][1] ?? []) {
    const reading: Record<string, string> = {};
    for (let i = 0; i < fields.length; i += 2) {
      reading[fields[i]] = fields[i + 1];
    }
    await redis.rpush(
      readingsKey(reading.site_id),
      JSON.stringify({ ...reading, id }),
    );
    await redis.xack(STREAM, GROUP, id);
  }
}
