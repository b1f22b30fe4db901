/**
 * `deno task redis`: runs the Redis of `deno task dev` alone, where the services look for one by default.
 *
 * @module
 */

import { complain, print } from "../console.ts";
import { DATA_DIR } from "../paths.ts";
import { complaintsAbout, portFromEnv } from "../ports.ts";
import { aborted, askedToStop } from "../stop.ts";
import { compressionArgs } from "./compression.ts";
import { lockDataDir } from "./datadir.ts";
import { DURABLE } from "./durable.ts";
import { findRedis } from "./find.ts";
import { startRedis } from "./server.ts";

const HELP = `Usage: deno task redis

Runs the Redis of \`deno task dev\` alone, on 127.0.0.1, where the services look for one, until Ctrl-C. Its data are in
.data/redis, as those of \`deno task dev\`. The server is found as \`deno task dev --help\` says.

Environment [default]:
  REDIS_PORT  its port [6379]
  REDIS_LIST_COMPRESS_DEPTH
              1 keeps readings compressed, 0 does not [1]`;

if (import.meta.main) {
  const [argument] = Deno.args;
  if (argument !== undefined) {
    const help = ["--help", "-h"].includes(argument);
    if (help) print(HELP);
    else complain(`redis: "${argument}" is not understood. It takes --help.`);
    Deno.exit(help ? 0 : 2);
  }
  const stop = askedToStop();
  try {
    await main(stop);
  } catch (error) {
    // What it was stopped in says no more than that.
    if (error === stop.reason) Deno.exit(0);
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
  Deno.exit(0);
}

async function main(stop: AbortSignal): Promise<void> {
  const extraArgs = compressionArgs();
  const source = await findRedis({ progress: print, signal: stop });
  print(source.says);
  if (source.kind === "external") {
    return print("It runs already: there is nothing to start.");
  }

  const wanted = portFromEnv("REDIS_PORT", 6379);
  const [complaint] = complaintsAbout([wanted], "127.0.0.1");
  if (complaint) throw new Error(complaint);

  const dir = `${DATA_DIR}/redis`;
  const lock = await lockDataDir(dir);
  try {
    const redis = await startRedis({
      source,
      dir,
      port: wanted.port,
      ...DURABLE,
      extraArgs,
      log: print,
      signal: stop,
    });
    await lock.note(redis.port);
    print(
      `Redis listens on ${redis.url}, its data are in ${dir}. Ctrl-C stops it.`,
    );
    const died = await Promise.race([aborted(stop), redis.exited]);
    await redis.stop();
    if (died !== "aborted") {
      throw new Error(
        `Redis ended by itself, with ${died.signal ?? `code ${died.code}`}`,
      );
    }
  } finally {
    await lock.release();
  }
}
