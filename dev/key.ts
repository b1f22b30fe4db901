/**
 * `deno task key NAME [SCOPE]`: makes an API key and the entry of `API_KEYS` that lets it in.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";

const SCOPES = ["read", "write", "admin"];
const USAGE = `Usage: deno task key NAME [SCOPE]

Makes a random API key and prints it, once, with the entry for API_KEYS or API_KEYS_FILE.

  NAME   whose key it is: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit
  SCOPE  read, write (the default) or admin`;

/** A key and what the services are told of it. */
export interface MadeKey {
  /** The key, for the client alone. */
  key: string;
  /** The entry, `name:sha256:scope`, which does not lead back to the key. */
  entry: string;
}

/**
 * Makes a key.
 *
 * @param name Whose key it is.
 * @param scope What it allows: `read`, `write` or `admin`.
 * @returns The key and its entry.
 * @throws {Error} When the name or the scope cannot be used.
 */
export function makeKey(name: string, scope = "write"): MadeKey {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new Error(
      `"${name}" cannot be a name: expected 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit`,
    );
  }
  if (!SCOPES.includes(scope)) {
    throw new Error(`"${scope}" is no scope: expected read, write or admin`);
  }
  const key = `em_${randomBytes(32).toString("base64url")}`;
  const hash = createHash("sha256").update(key).digest("hex");
  return { key, entry: `${name}:${hash}:${scope}` };
}

if (import.meta.main) {
  const [name, scope, ...more] = Deno.args;
  if (name === "--help" || name === "-h") {
    console.log(USAGE);
    Deno.exit(0);
  }
  try {
    if (name === undefined || more.length > 0) throw new Error(USAGE);
    const { key, entry } = makeKey(name, scope);
    console.log(
      `Key, shown this once:  ${key}\nEntry for API_KEYS:    ${entry}`,
    );
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
