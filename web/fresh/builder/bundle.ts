/**
 * Bundles the islands for the browser: shared code once, hashes in the names.
 *
 * @module
 */
import * as esbuild from "esbuild";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFile } from "../build.ts";
import { buildFile } from "./files.ts";
import { denoResolver } from "./resolve.ts";

/** What the browser loads. */
export interface Bundles {
  clientEntry: string;
  /** The bundled file of each island, by its absolute source path. */
  islands: Map<string, string>;
  files: Map<string, BuildFile>;
}

/** Where bundles are served. */
const PREFIX = "/_fresh/js/";

/**
 * @param islands Absolute paths of the files in `islands/`
 * @param buildId What `asset()` adds
 * @param mode Development adds the reload of pages
 */
export async function bundle(
  islands: string[],
  buildId: string,
  mode: "development" | "production",
): Promise<Bundles> {
  const client = fileURLToPath(new URL("../client.ts", import.meta.url));
  const reload = fileURLToPath(
    new URL("../live_reload_client.ts", import.meta.url),
  );
  const development = mode === "development";
  const result = await esbuild.build({
    entryPoints: [client, ...islands],
    inject: development ? [reload] : [],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["chrome107", "firefox104", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    metafile: true,
    write: false,
    outdir: "/out",
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    legalComments: "none",
    define: { __FRESH_BUILD_ID__: JSON.stringify(buildId) },
    plugins: [denoResolver()],
    // The configuration of Deno is not one that esbuild should read.
    tsconfigRaw: {},
    absWorkingDir: "/",
    logLevel: "warning",
  });
  // esbuild's process would keep this one alive.
  await esbuild.stop();

  const files = new Map<string, BuildFile>();
  for (const { path, contents } of result.outputFiles) {
    files.set(
      PREFIX + basename(path),
      buildFile(path, new Uint8Array(contents), true),
    );
  }
  const byEntry = new Map<string, string>();
  for (
    const [path, { entryPoint }] of Object.entries(result.metafile.outputs)
  ) {
    if (entryPoint !== undefined) {
      byEntry.set(
        entryPoint,
        PREFIX + basename(path),
      );
    }
  }
  const fileOf = (source: string) => byEntry.get(relative("/", source))!;
  return {
    clientEntry: fileOf(client),
    islands: new Map(islands.map((island) => [island, fileOf(island)])),
    files,
  };
}
