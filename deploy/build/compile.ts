/**
 * One executable a service.
 *
 * @module
 */

import type { Service } from "./services.ts";

/**
 * The flags of V8 that a service's task gives, so that a container's process is the one that was measured.
 *
 * @param root The repository.
 * @param service The service.
 * @returns The flags, put apart by commas; empty when there are none.
 */
export async function v8FlagsOf(
  root: string,
  service: Service,
): Promise<string> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  return / --v8-flags=(\S+)/.exec(tasks[service.name].command)?.[1] ?? "";
}

/**
 * The arguments of `deno` that make an executable of a bundle. What the program may do is fixed here, for good.
 *
 * @param service The service.
 * @param v8Flags Flags of V8 besides its heap limit, put apart by commas.
 * @param bundle The bundle's path.
 * @param output The executable's path.
 * @returns The arguments.
 */
export function compileArguments(
  service: Service,
  v8Flags: string,
  bundle: string,
  output: string,
): string[] {
  const heap = `--max-old-space-size=${service.heapMb}`;
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
    `--v8-flags=${v8Flags === "" ? heap : `${heap},${v8Flags}`}`,
    "--output",
    output,
    bundle,
  ];
}

/**
 * Makes an executable of a bundle, with the Deno that runs this.
 *
 * @param root The repository.
 * @param service The service.
 * @param bundle The bundle's path.
 * @param output The executable's path.
 * @throws {Error} When `deno compile` fails.
 */
export async function compile(
  root: string,
  service: Service,
  bundle: string,
  output: string,
): Promise<void> {
  const v8Flags = await v8FlagsOf(root, service);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(service, v8Flags, bundle, output),
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
