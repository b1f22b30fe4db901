/**
 * The command line of the launcher.
 *
 * @module
 */

import { resolve } from "node:path";
import { DATA_DIR } from "./paths.ts";

/** What `--help` prints. */
export const HELP = `Usage: deno task dev [OPTION…]

Runs everything on this machine: Redis, ingestion, processing, the dashboard and a simulator that sends readings.
Ctrl-C stops all of it. The data are in .data/redis, and there again at the next start.

Options:
  --no-simulator  send no readings
  --data DIR      keep the data in DIR instead of .data
  --help          say this

Redis is the first of these that there is:
  1. the one that REDIS_URL, or REDIS_HOST and REDIS_PORT, names
  2. redis-server or valkey-server on the PATH, 7.0 or later, started as an own instance
  3. the package of Debian or Ubuntu, fetched once into .data and not installed
  4. a container, if a Docker engine answers

Environment [default]:
  INGESTION_PORT   port of the ingestion API [8000]
  PROCESSING_PORT  port of the processing API [8001]
  WEB_PORT         port of the dashboard [3000]
  HOST             address that all of them listen on [0.0.0.0]
  REDIS_LIST_COMPRESS_DEPTH
                   1 keeps readings compressed in our own Redis, 0 does not [1]
  API_KEY          when API_KEYS is set: the key that the simulator writes and the dashboard reads with, so one of
                   scope admin, which includes both; \`deno task key NAME admin\` makes one
The services read their own settings as well: \`deno task ingestion --help\`, \`deno task processing --help\`.

A change of the sources restarts the service that it concerns. A process that dies is started again, after a delay
that grows from 0.5 s to 30 s, unless a setting is at fault.`;

/** What was asked for. */
export interface Options {
  /** Only say how it is used. */
  help: boolean;
  /** Run the simulator too. */
  simulator: boolean;
  /** Where the data are, an absolute path. */
  dataDir: string;
}

/**
 * Reads the command line.
 *
 * @param args The arguments.
 * @returns What was asked for.
 * @throws {Error} When there is an argument that is not known.
 */
export function parseOptions(args: string[]): Options {
  const options = { help: false, simulator: true, dataDir: DATA_DIR };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--help" || arg === "-h") options.help = true;
    else if (arg === "--no-simulator") options.simulator = false;
    else if (arg === "--data") {
      const dir = rest.shift();
      if (!dir) throw new Error("--data needs a directory");
      // A task runs in the project's directory, wherever its user is; Docker takes absolute paths alone.
      options.dataDir = resolve(Deno.env.get("INIT_CWD") || Deno.cwd(), dir);
    } else {
      throw new Error(
        `"${arg}" is not understood. It takes --no-simulator, --data DIR and --help`,
      );
    }
  }
  return options;
}
