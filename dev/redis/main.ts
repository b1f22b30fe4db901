/**
 * `deno task redis`: runs the Redis of `deno task dev` alone, where the services look for one by default.
 *
 * @module
 */

import { complain, print } from "../console.ts";
import { DATA_DIR } from "../paths.ts";
import { complaintsAbout, portFromEnv } from "../ports.ts";
import { lockDataDir } from "./datadir.ts";
import { DURABLE } from "./durable.ts";
import { findRedis } from "./find.ts";
import { startRedis } from "./server.ts";

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
  Deno.exit(0);
}

async function main(): Promise<void> {
  const source = await findRedis({ progress: print });
  print(source.says);
  if (source.kind === "external") {
    return print("It runs already: there is nothing to start.");
  }

  const wanted = portFromEnv("REDIS_PORT", 6379);
  const [complaint] = complaintsAbout([wanted], "127.0.0.1");
  if (complaint) throw new Error(complaint);

  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => resolve());
    }
  });
  const dir = `${DATA_DIR}/redis`;
  const lock = await lockDataDir(dir);
  const redis = await startRedis({
    source,
    dir,
    port: wanted.port,
    ...DURABLE,
    log: print,
  });
  await lock.note(redis.port);
  print(
    `Redis listens on ${redis.url}, its data are in ${dir}. Ctrl-C stops it.`,
  );
  const died = await Promise.race([asked, redis.exited]);
  await redis.stop();
  await lock.release();
  if (died) {
    throw new Error(
      `Redis ended by itself, with ${died.signal ?? `code ${died.code}`}`,
    );
  }
}
