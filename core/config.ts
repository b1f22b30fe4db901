/**
 * Configuration: environment variables, checked by one zod schema a service when it starts.
 *
 * @module
 */

import { z } from "zod";

/** A whole number. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const error = max === Number.MAX_SAFE_INTEGER
    ? `must be a whole number of at least ${min}`
    : `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,16}$/, { error }).transform(Number)
    .pipe(z.number().min(min, { error }).max(max, { error }));
}

const DURATION_UNITS = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

/** A length of time such as `500ms`, `30s`, `15m`, `24h` or `90d`; parsed to milliseconds. */
export function duration() {
  return z.string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, {
      error: "must be a length of time such as 500ms, 30s, 15m, 24h or 90d",
    })
    .transform((text) => {
      const unit = text.replace(/^\d+/, "") as keyof typeof DURATION_UNITS;
      return parseInt(text) * DURATION_UNITS[unit];
    });
}

const BYTE_UNITS: Record<string, number> = {
  "": 1,
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** A number of bytes such as `1048576`, `8MiB` or `1GiB`. */
export function bytes() {
  return z.string()
    .regex(/^\d{1,16}(B|KiB|MiB|GiB)?$/, {
      error: "must be a number of bytes such as 1048576, 8MiB or 1GiB",
    })
    .transform((text) => parseInt(text) * BYTE_UNITS[text.replace(/^\d+/, "")]);
}

/** `true` or `false`. */
export function flag() {
  return z.enum(["true", "false"], { error: "must be true or false" })
    .transform((text) => text === "true");
}

function isHostAndPort(text: string): boolean {
  const port = Number(/^[^\s:,]+:(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

/** Whether all of a URL can be used: what is made of it later would repeat it, with its password, in its error. */
function isRedisUrl(text: string): boolean {
  const url = /^rediss?:\/\/\S+$/.test(text) ? URL.parse(text) : null;
  if (url === null || !/^\/?\d*$/.test(url.pathname)) return false;
  try {
    decodeURIComponent(url.username + url.password);
    return true;
  } catch {
    return false;
  }
}

/** What every service reads: where it listens, its log, its keys, its Redis. */
export const commonSettings = {
  HOST: z.string().prefault("0.0.0.0").describe("Address to listen on"),
  SHUTDOWN_DELAY_MS: integer(0, 600_000).prefault("0").describe(
    "After SIGTERM, how long to answer on as unready before closing (3000 behind a load balancer)",
  ),
  API_KEYS: z.string().optional().describe(
    "Keys that may be used, name:sha256:scope[,…]; scope read, write or admin; `deno task key` makes one; open while unset",
  ),
  API_KEYS_FILE: z.string().optional().describe(
    "A file of such entries, one a line; read again when it changes",
  ),
  LOG_LEVEL: z.enum(["debug", "info", "warning", "error"], {
    error: "must be debug, info, warning or error",
  }).prefault("info").describe("Least severity that is logged"),
  LOG_FORMAT: z.enum(["json", "text"], { error: "must be json or text" })
    .optional().describe(
      "Form of the log; text on a terminal, else json",
    ),
  REDIS_HOST: z.string().prefault("localhost").describe("Redis's host"),
  REDIS_PORT: integer(1, 65535).prefault("6379").describe("Redis's port"),
  REDIS_URL: z.string().refine(isRedisUrl, {
    error:
      "must look like redis://user:password@host:6379/0, or rediss:// for TLS",
  }).optional().describe(
    "In place of host and port: redis://user:password@host:port/db, rediss:// for TLS",
  ),
  REDIS_USERNAME: z.string().optional().describe("Redis's ACL user"),
  REDIS_PASSWORD: z.string().optional().describe("Redis's password"),
  REDIS_TLS: flag().prefault("false").describe("Speak TLS to Redis"),
  REDIS_CA_FILE: z.string().optional().describe(
    "Certificate authority (PEM) that Redis's certificate is checked by",
  ),
  REDIS_SENTINELS: z.string().refine(
    (text) => text.split(",").every((entry) => isHostAndPort(entry.trim())),
    {
      error: "must be host:port[,host:port…], each port from 1 to 65535",
    },
  ).optional().describe("Sentinels to ask for the master, host:port[,…]"),
  REDIS_SENTINEL_NAME: z.string().prefault("mymaster").describe(
    "The master's name at the Sentinels",
  ),
  REDIS_SENTINEL_PASSWORD: z.string().optional().describe(
    "The Sentinels' password",
  ),
  REDIS_TIMEOUT_MS: integer(50, 600_000).prefault("2000").describe(
    "How long a command to Redis may take",
  ),
};

/** The settings that every service has. */
export type CommonConfig = z.output<z.ZodObject<typeof commonSettings>>;

/** Settings that do not fit their schema; its message names each and what it should be. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads a service's settings. A variable that is empty counts as unset.
 *
 * @param schema The service's settings by their names.
 * @param env The environment.
 * @returns The settings, parsed.
 * @throws {ConfigError} When any is not what it should be. Values are never repeated: one may be a secret.
 */
export function loadConfig<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  env: Record<string, string | undefined>,
): z.output<z.ZodObject<S>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== "") given[name] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) =>
    `  ${issue.path.join(".")} ${issue.message}`
  );
  throw new ConfigError(
    `The configuration cannot be used:\n${
      lines.join("\n")
    }\nSee --help for every setting.`,
  );
}

/** One row of the table of settings. */
export interface SettingRow {
  /** The environment variable. */
  name: string;
  /** Its default as one would write it, or an empty string. */
  default: string;
  /** What it is for. */
  description: string;
}

/**
 * The table of a service's settings, for `--help` and the documentation.
 *
 * @param schema The service's settings by their names.
 * @returns A row a setting, in the schema's order.
 */
export function settingRows(schema: z.ZodObject<z.ZodRawShape>): SettingRow[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const type = field as z.ZodType;
    const { defaultValue } = type.def as { defaultValue?: unknown };
    return {
      name,
      default: String(defaultValue ?? ""),
      description: type.description ?? "",
    };
  });
}
