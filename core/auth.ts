/**
 * API keys: who may read, write and administer.
 *
 * Only SHA-256 hashes of keys are configured and kept, and they are compared in constant time.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { ConfigError } from "./config.ts";
import type { Logger } from "./log.ts";
import { Problem } from "./problem.ts";
import type { HeaderOf } from "./served.ts";

/** What a key allows: `read` reads, `write` sends readings, `admin` all. */
export type Scope = "read" | "write" | "admin";

/** A key that may be used. */
export interface ApiKey {
  /** Its name, for logs and for keeping idempotency apart. */
  name: string;
  /** The SHA-256 of the key. */
  hash: Buffer;
  /** What it allows. */
  scope: Scope;
}

/**
 * Reads key entries, `name:sha256:scope`, one a line or separated by commas; `#` starts a comment line.
 *
 * @param text The entries.
 * @param setting Where they are from, for the error.
 * @returns The keys.
 * @throws {ConfigError} When an entry is malformed or a name comes twice; hashes are not repeated.
 */
export function parseApiKeys(
  text: string,
  setting: "API_KEYS" | "API_KEYS_FILE" = "API_KEYS",
): ApiKey[] {
  const entries = text.split("\n").map((line) => line.trim()).filter((line) =>
    !line.startsWith("#")
  )
    .flatMap((line) => line.split(",")).map((entry) => entry.trim()).filter((
      entry,
    ) => entry !== "");
  const keys = entries.map((entry, index) => {
    const match =
      /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9a-fA-F]{64}):(read|write|admin)$/
        .exec(entry);
    if (match === null) {
      throw new ConfigError(
        `${setting}: entry ${
          index + 1
        } must be name:sha256:scope, with 64 hexadecimal digits and the scope read, ` +
          "write or admin; `deno task key` makes one",
      );
    }
    return {
      name: match[1],
      hash: Buffer.from(match[2], "hex"),
      scope: match[3] as Scope,
    };
  });
  const names = new Set(keys.map((key) => key.name));
  if (names.size < keys.length) {
    throw new ConfigError(`${setting}: each name may come only once`);
  }
  return keys;
}

/** Decides who may do what. */
export interface Auth {
  /** Whether any key is set; while none is, everyone may do everything. */
  readonly closed: boolean;
  /**
   * Lets a request through or not.
   *
   * @param header The request's headers.
   * @param scope What it needs.
   * @returns The key it came with; `undefined` while no key is set.
   * @throws {Problem} 401 without a valid key, 403 with one that does not allow it.
   */
  authorize(header: HeaderOf, scope: Scope): ApiKey | undefined;
  /** Stops watching the file. */
  stop(): void;
}

/** What became of a change of `API_KEYS_FILE`: how many keys it has now, or why the former ones stay in force. */
export type Reload = { count: number } | { error: string };

/**
 * Sets up the keys of `API_KEYS` and `API_KEYS_FILE`. The file is looked at every two seconds: a mounted
 * Kubernetes secret is exchanged by a symbolic link, which file watchers miss.
 *
 * @param config The two settings.
 * @param onReload Told of each reload, or once of the reason why the former keys stay in force.
 * @returns The decision maker.
 * @throws {ConfigError} When the keys cannot be read or parsed at the start.
 */
export function createAuth(
  config: { API_KEYS?: string; API_KEYS_FILE?: string },
  onReload: (outcome: Reload) => void = () => {},
): Auth {
  const path = config.API_KEYS_FILE;
  const fixed = parseApiKeys(config.API_KEYS ?? "");
  const load = (content: string) => {
    const more = parseApiKeys(content, "API_KEYS_FILE");
    // What is kept under a name, such as answers to an Idempotency-Key, is one key's.
    const twice = more.find(({ name }) =>
      fixed.some((key) => key.name === name)
    );
    if (twice === undefined) return [...fixed, ...more];
    throw new ConfigError(
      `API_KEYS_FILE: the name ${twice.name} is in API_KEYS as well; each may come only once`,
    );
  };
  let content = path === undefined ? "" : readKeys(path);
  let keys = load(content);
  let complaint = "";
  const timer = path === undefined ? undefined : setInterval(() => {
    try {
      const now = readKeys(path);
      if (now === content && complaint === "") return;
      keys = load(now);
      content = now;
      complaint = "";
      onReload({ count: keys.length - fixed.length });
    } catch (error) {
      const { message } = error as Error;
      if (message === complaint) return;
      complaint = message;
      onReload({ error: message });
    }
  }, 2000);
  if (timer !== undefined) Deno.unrefTimer(timer);

  return {
    get closed() {
      return path !== undefined || keys.length > 0;
    },
    authorize(header, scope) {
      if (keys.length === 0 && path === undefined) return undefined;
      const sent = sentKey(header);
      if (sent === undefined) {
        throw new Problem(
          "unauthorized",
          "Send an API key: `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
          {},
          { "www-authenticate": "Bearer" },
        );
      }
      const hash = createHash("sha256").update(sent).digest();
      let found: ApiKey | undefined;
      for (const key of keys) if (timingSafeEqual(key.hash, hash)) found = key;
      if (found === undefined) {
        throw new Problem(
          "unauthorized",
          "The API key is not one that is in use.",
          {},
          {
            "www-authenticate": 'Bearer error="invalid_token"',
          },
        );
      }
      if (found.scope !== scope && found.scope !== "admin") {
        throw new Problem(
          "forbidden",
          `This needs a key of scope ${scope}; the key "${found.name}" has ${found.scope}.`,
        );
      }
      return found;
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/**
 * Logs what becomes of `API_KEYS_FILE`: that its keys are others now, or that it is broken.
 *
 * @param log The service's log.
 * @returns What `createAuth` tells.
 */
export function logReload(log: Logger): (outcome: Reload) => void {
  return (outcome) => {
    if ("count" in outcome) {
      log.info("API_KEYS_FILE was read again: {count} keys.", outcome);
      return;
    }
    const error = outcome.error.replace(/^API_KEYS_FILE:? /, "");
    log.warning(
      "API_KEYS_FILE is not used as it is now: {error}. The keys read before stay in force.",
      { error },
    );
  };
}

function readKeys(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `API_KEYS_FILE cannot be read: ${(error as Error).message}`,
    );
  }
}

function sentKey(header: HeaderOf): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header("authorization") ?? "");
  return bearer?.[1] ?? header("x-api-key") ?? undefined;
}
