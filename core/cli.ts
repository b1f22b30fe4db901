/**
 * The command line of a service: `--help`, `--version`, `--healthcheck`; without any of them, its settings.
 *
 * @module
 */

import type { z } from "zod";
import { createAuth } from "./auth.ts";
import {
  type CommonConfig,
  ConfigError,
  loadConfig,
  settingRows,
} from "./config.ts";
import { COMMIT, VERSION } from "./version.ts";

/**
 * Answers the flags of the command line and reads the configuration. What has been answered ends the process:
 * with 0, with 1 for a service that is not well, with 2 for a flag or a setting that cannot be used.
 *
 * @param name The service's name.
 * @param about One line that says what it does.
 * @param schema Its settings; `PORT` must be among them.
 * @returns The settings, when the service is to run.
 */
export async function configFromCli<S extends z.ZodRawShape>(
  name: string,
  about: string,
  schema: z.ZodObject<S>,
): Promise<z.output<z.ZodObject<S>>> {
  const [argument] = Deno.args;
  if (argument === "--help" || argument === "-h") {
    console.log(helpText(name, about, schema));
    Deno.exit(0);
  }
  if (argument === "--version" || argument === "-V") {
    console.log(`${name} ${VERSION} (${COMMIT})`);
    Deno.exit(0);
  }
  if (argument !== undefined && argument !== "--healthcheck") {
    console.error(
      `${name}: "${argument}" is not understood. It takes --help, --version or --healthcheck.`,
    );
    Deno.exit(2);
  }
  try {
    const config = loadConfig(schema, Deno.env.toObject());
    if (argument === undefined) {
      checkContents(config);
      return config;
    }
    Deno.exit(await isReady((config as { PORT: number }).PORT) ? 0 : 1);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`${name}: ${error.message}`);
    Deno.exit(2);
  }
}

/** Reads what a setting's rule cannot see, the keys and the files, so that a fault in them is told as any other. */
function checkContents(config: Partial<CommonConfig>): void {
  createAuth(config).stop();
  if (config.REDIS_CA_FILE === undefined) return;
  try {
    Deno.readTextFileSync(config.REDIS_CA_FILE);
  } catch (error) {
    throw new ConfigError(
      `REDIS_CA_FILE cannot be read: ${(error as Error).message}`,
    );
  }
}

function helpText(
  name: string,
  about: string,
  schema: z.ZodObject<z.ZodRawShape>,
): string {
  const rows = settingRows(schema);
  const width = Math.max(...rows.map((row) => row.name.length));
  const lines = rows.map((row) => {
    const text = row.default === ""
      ? row.description
      : `${row.description} [${row.default}]`;
    return `  ${row.name.padEnd(width)}  ${text}`;
  });
  return `${name}: ${about}

Usage: ${name} [--help | --version | --healthcheck]

  --healthcheck  ask the service that runs on PORT whether it is ready; exit 0 or 1

Environment [default]:
${lines.join("\n")}`;
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(3000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
