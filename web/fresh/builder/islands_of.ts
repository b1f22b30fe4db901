/**
 * Finds the islands among the exports of a module; apart, so that a compiled program does not hold the bundler.
 *
 * @module
 */
import { basename } from "node:path";
import type { Island } from "../build.ts";

/**
 * The islands of a module: each exported function whose name is a component's, or the default export.
 *
 * @param mod The module
 * @param source Its path, after which the default export is named
 * @param file Its bundle
 */
export function islandsOf(
  mod: Record<string, unknown>,
  source: string,
  file: string,
): Island[] {
  const base = basename(source).replace(/\.tsx?$/, "").replaceAll(/\W/g, "_");
  return Object.entries(mod)
    .filter(([name, value]) =>
      typeof value === "function" && (name === "default" || /^[A-Z]/.test(name))
    )
    .map(([exportName, fn]) => ({
      name: exportName === "default" ? base : `${base}_${exportName}`,
      exportName,
      fn: fn as Island["fn"],
      file,
    }));
}
