/**
 * Lets esbuild find what Deno finds: the import map and the packages in Deno's own cache.
 *
 * @module
 */
import type { Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Resolves bare names by `deno.json`, and those inside of a package by that package. */
export function denoResolver(): Plugin {
  return {
    name: "deno",
    setup(build) {
      // A relative path or an absolute one is esbuild's own business.
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return null;
        // One copy of preact for all: what is mapped is taken from the map, whoever asks.
        return { path: mapped(path) ?? fromPackage(path, importer) };
      });
    },
  };
}

function mapped(specifier: string): string | null {
  try {
    const url = import.meta.resolve(specifier);
    return url.startsWith("file:") ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/** `require` names the CommonJS file; the bundle wants the module beside it, which can be shaken. */
function fromPackage(specifier: string, importer: string): string {
  const file = createRequire(importer).resolve(specifier);
  for (
    let folder = dirname(file);
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    let manifest;
    try {
      manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    } catch {
      continue;
    }
    const isMain = typeof manifest.main === "string" &&
      resolve(folder, manifest.main) === file;
    return isMain && manifest.module ? join(folder, manifest.module) : file;
  }
  return file;
}
