/**
 * The Docker engine, as the checks of the images use it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs `docker`.
 *
 * @param args Its arguments.
 * @returns What it wrote.
 * @throws {Error} When it fails, with the end of what it wrote.
 */
export async function docker(...args: string[]): Promise<string> {
  const output = await new Deno.Command("docker", {
    args,
    cwd: root,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) {
    throw new Error(
      `docker ${args.join(" ")} failed:\n${
        (text(output.stdout) + text(output.stderr)).slice(-4000)
      }`,
    );
  }
  return text(output.stdout);
}

/** Runs `docker compose` as a project of its own, so that a developer's is left alone. */
export async function compose(...args: string[]): Promise<string> {
  return await docker("compose", "--project-name", "energy-check", ...args);
}

/** Fetches JSON; fails when the answer is an error. */
// deno-lint-ignore no-explicit-any
export async function json(url: string, init?: RequestInit): Promise<any> {
  const response = await fetch(url, {
    ...init,
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(
      `${url} answered ${response.status}: ${await response.text()}`,
    );
  }
  return await response.json();
}

/**
 * Waits until something holds.
 *
 * @param holds What is asked; an error counts as not yet.
 * @param ms How long, at most.
 * @param every How often.
 * @throws {Error} When the time is up.
 */
export async function until(
  holds: () => Promise<boolean>,
  ms = 30_000,
  every = 100,
): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    const held = await holds().catch((error: Error) => error);
    if (held === true) return;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${held}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Says how long something took. */
export async function timed<T>(
  what: string,
  work: () => Promise<T>,
): Promise<void> {
  const started = Date.now();
  await work();
  console.log(`  ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
