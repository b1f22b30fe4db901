/**
 * One executable a service.
 *
 * @module
 */

import type { Service } from "./services.ts";

/**
 * The arguments of `deno` that make an executable of a bundle. What the program may do is fixed here, for good.
 *
 * @param service The service.
 * @param bundle The bundle's path.
 * @param output The executable's path.
 * @returns The arguments.
 */
export function compileArguments(
  service: Service,
  bundle: string,
  output: string,
): string[] {
  return [
    "compile",
    // Neither configuration nor lock file: with them every package that they name would be put in.
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-remote",
    // Its cache would go to a folder that a read-only container does not have.
    "--no-code-cache",
    "--allow-net",
    // ioredis reads the whole environment.
    "--allow-env",
    "--allow-sys=hostname",
    `--allow-read=${service.read.join(",")}`,
    `--v8-flags=--max-old-space-size=${service.heapMb}`,
    "--output",
    output,
    bundle,
  ];
}

/**
 * Makes an executable of a bundle, with the Deno that runs this.
 *
 * @param service The service.
 * @param bundle The bundle's path.
 * @param output The executable's path.
 * @throws {Error} When `deno compile` fails.
 */
export async function compile(
  service: Service,
  bundle: string,
  output: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(service, bundle, output),
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      `deno compile of ${service.name} failed:\n${
        new TextDecoder().decode(stderr)
      }`,
    );
  }
}
