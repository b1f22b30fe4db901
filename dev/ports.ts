/**
 * TCP ports: finding a free one, and naming those that are taken.
 *
 * @module
 */

import { listenError } from "../core/listen_error.ts";

/** A port somebody wants, and the variable that changes it. */
export interface WantedPort {
  /** The port. */
  port: number;
  /** The environment variable that sets it. */
  variable: string;
}

/**
 * Finds a port that nobody listens on.
 *
 * It lies below the range the kernel hands out for outgoing connections. A port out of that range can be taken by any
 * client while a server is down for a restart; a client that reconnects to it can even end up connected to itself.
 *
 * @param avoid Ports that others will listen on.
 * @returns The port, free a moment ago.
 * @throws {Error} When a hundred ports in a row were taken.
 */
export function freePort(avoid: number[] = []): number {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (avoid.includes(port)) continue;
    if (isFree(port, "127.0.0.1") && isFree(port, "0.0.0.0")) return port;
  }
  throw new Error(
    "Expected a free port between 20000 and 32000, found none in 100 tries",
  );
}

/**
 * Says whether a port can be listened on.
 *
 * @param port The port.
 * @param hostname The address to listen on.
 * @returns Whether it is free.
 */
export function isFree(port: number, hostname: string): boolean {
  const trouble = troubleAt(port, hostname);
  if (trouble === undefined) return true;
  if (trouble instanceof Deno.errors.AddrInUse) return false;
  throw trouble;
}

/**
 * Reads a port from the environment.
 *
 * @param variable The environment variable.
 * @param fallback The port when the variable is not set.
 * @returns The port and its variable.
 * @throws {Error} When the value is not a port.
 */
export function portFromEnv(variable: string, fallback: number): WantedPort {
  const text = Deno.env.get(variable) ?? "";
  if (text === "") return { port: fallback, variable };
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new Error(
      `${variable} is "${text}"; expected a port from 1 to 65535`,
    );
  }
  return { port, variable };
}

/**
 * Checks that all wanted ports are free and differ.
 *
 * @param wanted The ports, each with its variable.
 * @param hostname The address they will be listened on.
 * @returns One sentence for each port that cannot be had; empty when all can.
 */
export function complaintsAbout(
  wanted: WantedPort[],
  hostname: string,
): string[] {
  const complaints = wanted.flatMap(({ port, variable }, index) => {
    const twin = wanted.slice(0, index).find((other) => other.port === port);
    if (twin) {
      return [
        `Port ${port} is wanted by both ${twin.variable} and ${variable}: change one of them`,
      ];
    }
    // macOS lets a second socket listen on the wildcard address while the first one has 127.0.0.1, hence both.
    const trouble = troubleAt(port, hostname) ?? troubleAt(port, "127.0.0.1");
    if (trouble === undefined) return [];
    if (!(trouble instanceof Deno.errors.AddrInUse)) {
      return [listenError(trouble, { HOST: hostname, PORT: port }, variable)];
    }
    const other = nextFree(port, wanted.map((other) => other.port));
    return [
      `Port ${port} is taken by another program: choose another with ${variable}, for example ${variable}=${other}`,
    ];
  });
  // An address that is not this machine's is so for each port.
  return [...new Set(complaints)];
}

/** Why a port cannot be listened on; nothing when it can. */
function troubleAt(port: number, hostname: string): Error | undefined {
  try {
    Deno.listen({ port, hostname }).close();
  } catch (error) {
    return error as Error;
  }
}

/** A free port that looks like another one. */
function nextFree(port: number, avoid: number[]): number {
  for (let other = port + 10; other <= 65_535; other += 10) {
    if (
      !avoid.includes(other) && isFree(other, "0.0.0.0") &&
      isFree(other, "127.0.0.1")
    ) return other;
  }
  return freePort(avoid);
}
