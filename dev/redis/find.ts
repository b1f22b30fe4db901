/**
 * Finding a Redis on this machine, in the order a developer would: the one that was asked for, the one that is
 * installed, the one the distribution has, the one Docker has.
 *
 * @module
 */

import { DATA_DIR } from "../paths.ts";
import { fetchFromApt } from "./apt.ts";
import { dockerAnswers, IMAGE } from "./docker.ts";

/** The oldest major version that has what the Lua scripts rely on (script flags, ENTRIESREAD). */
export const OLDEST_MAJOR = 7;

/** A Redis that can be used, or a way to start one; `says` tells in one line which it is. */
export type RedisSource =
  /** A server that somebody else runs. */
  | { kind: "external"; url: string; says: string }
  /** A program on this machine. */
  | { kind: "binary"; path: string; env: Record<string, string>; says: string }
  /** A container, started by this client of a Docker engine. */
  | { kind: "docker"; client: string; says: string };

/** Which ways are open. */
export interface FindOptions {
  /** Leave out `REDIS_URL` and `REDIS_HOST`: an own instance is needed. */
  own?: boolean;
  /** Leave out everything that is not on this machine yet. */
  offline?: boolean;
  /** Told what is going on when it takes a while. */
  progress?: (line: string) => void;
  /** Ends the search; its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * Finds a Redis.
 *
 * @param options Which ways are open.
 * @returns The first that works.
 * @throws {Error} When there is none; the message says how to get one on this system.
 *
 * @example
 * ```ts
 * const source = await findRedis();
 * console.log(source.says); // "Redis: /usr/bin/redis-server 7.0.15, an own instance"
 * ```
 */
export async function findRedis(
  options: FindOptions = {},
): Promise<RedisSource> {
  const external = options.own ? undefined : externalRedis();
  if (external) return external;

  const turnedDown: string[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    for (const path of await onPath(name)) {
      const version = await versionOf(path);
      if (isRecent(version)) {
        return {
          kind: "binary",
          path,
          env: {},
          says: `Redis: ${path} ${version}, an own instance`,
        };
      }
      turnedDown.push(
        `${path} is ${version ? `version ${version}` : "not runnable"}`,
      );
    }
  }

  const fetched = await fetchFromApt({
    dir: `${DATA_DIR}/apt`,
    offline: options.offline,
    progress: options.progress,
    signal: options.signal,
  });
  if ("path" in fetched) {
    const version = await versionOf(fetched.path, fetched.env);
    if (isRecent(version)) {
      const says =
        `Redis: the distribution's ${version}, unpacked in .data/apt, an own instance`;
      return { kind: "binary", path: fetched.path, env: fetched.env, says };
    }
    turnedDown.push(
      `the distribution's package is ${
        version ? `version ${version}` : "not runnable here"
      }`,
    );
  } else {
    turnedDown.push(fetched.why);
  }

  const [client] = await onPath("docker");
  if (client) {
    const trouble = await dockerAnswers(client, options.signal);
    options.signal?.throwIfAborted();
    if (!trouble) {
      return {
        kind: "docker",
        client,
        says: `Redis: ${IMAGE} in Docker, an own instance`,
      };
    }
    turnedDown.push(trouble);
  } else {
    turnedDown.push("docker is not on the PATH");
  }
  throw new Error(advice(turnedDown));
}

/**
 * Lists the executable files of a name on the PATH.
 *
 * @param name The program's name.
 * @returns Their full paths, the one a shell would run first.
 */
export async function onPath(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const dir of (Deno.env.get("PATH") ?? "").split(":")) {
    if (dir === "") continue;
    const path = `${dir}/${name}`;
    const stat = await Deno.stat(path).catch(() => undefined);
    if (stat?.isFile && (stat.mode ?? 0) & 0o111) found.push(path);
  }
  return found;
}

/**
 * Asks a server program for its version.
 *
 * @param path The program.
 * @param env Environment it needs to run.
 * @returns For example `7.0.15`; nothing when it does not run or does not say.
 */
export async function versionOf(
  path: string,
  env: Record<string, string> = {},
): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command(path, {
      args: ["--version"],
      env,
      stderr: "null",
    }).output();
    return /\bv=(\d+(?:\.\d+)*)/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch {
    return undefined;
  }
}

function externalRedis(): RedisSource | undefined {
  const url = Deno.env.get("REDIS_URL");
  if (url) {
    return {
      kind: "external",
      url,
      says: `Redis: ${withoutPassword(url)}, as REDIS_URL says`,
    };
  }
  const host = Deno.env.get("REDIS_HOST");
  if (!host) return undefined;
  const port = Deno.env.get("REDIS_PORT") || "6379";
  return {
    kind: "external",
    url: `redis://${host}:${port}`,
    says: `Redis: ${host}:${port}, as REDIS_HOST says`,
  };
}

/** Also where what was set is no URL: then all between the first colon and the last `@` may be the password. */
function withoutPassword(url: string): string {
  return url.replace(
    /^(\w+:\/\/)?([^:@]*):.*@/,
    (_, scheme = "", user) => `${scheme}${user}:…@`,
  );
}

function isRecent(version: string | undefined): version is string {
  return Number(version?.split(".")[0]) >= OLDEST_MAJOR;
}

function advice(turnedDown: string[]): string {
  const install = Deno.build.os === "darwin" ? ["brew install redis"] : [
    "sudo apt-get install redis-server   (Debian 12, Ubuntu 24.04 or later)",
    "sudo dnf install valkey             (Fedora)",
  ];
  const ways = [
    ...install,
    "docker: start the Docker engine; redis:7-alpine is then used",
    "REDIS_URL=redis://host:6379 to use one that runs elsewhere",
  ];
  return `No Redis ${OLDEST_MAJOR}.0 or later was found on this machine. Any of these gives one:\n` +
    ways.map((way) => `  ${way}\n`).join("") +
    `What was tried:\n  redis-server and valkey-server on the PATH\n` +
    turnedDown.map((line) => `  ${line}\n`).join("").trimEnd();
}
