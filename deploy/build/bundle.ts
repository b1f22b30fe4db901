/**
 * One JavaScript file a service.
 *
 * `deno compile` of the source would put every package of the lock file into the executable; of a bundle it takes
 * the bundle alone.
 *
 * @module
 */

import { build } from "esbuild";
import type { Service } from "./services.ts";

/** What a build says about itself with `--version`. */
export interface BuildId {
  /** The version. */
  version: string;
  /** The commit. */
  commit: string;
}

// CommonJS packages call `require` for Node's own modules, and a bundle in ESM has none.
const BANNER = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

/**
 * Bundles a service with everything that it imports, Lua scripts and other texts included.
 *
 * @param root The repository; its `node_modules` holds the packages.
 * @param service The service.
 * @param id What `--version` is to say.
 * @param file Where the bundle goes.
 */
export async function bundle(
  root: string,
  service: Service,
  id: BuildId,
  file: string,
): Promise<void> {
  await build({
    absWorkingDir: root,
    stdin: {
      contents: [service.before, service.entry].filter((module) => module)
        .map((module) => `import "./${module}";`).join("\n"),
      resolveDir: root,
      sourcefile: service.name,
    },
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    conditions: ["deno", "worker", "node"],
    alias: await localImports(root),
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".lua": "text" },
    banner: { js: BANNER },
    define: {
      __VERSION__: JSON.stringify(id.version),
      __COMMIT__: JSON.stringify(id.commit),
    },
    logLevel: "warning",
  });
}

/** The names that `deno.json` maps to files of the repository; the others are packages. */
async function localImports(root: string): Promise<Record<string, string>> {
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  const local = Object.entries<string>(imports)
    .filter(([name, target]) => target.startsWith("./") && !name.endsWith("/"))
    // The longest first: esbuild's alias of "fresh" would also take "fresh/runtime".
    .sort(([a], [b]) => b.length - a.length);
  return Object.fromEntries(
    local.map(([name, target]) => [name, `${root}/${target}`]),
  );
}
