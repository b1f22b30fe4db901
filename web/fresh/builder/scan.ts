/**
 * Finds the files of `routes/`, `islands/` and `static/`.
 *
 * @module
 */
import { relative } from "node:path";

/** Absolute paths, by kind, in a fixed order. */
export interface Sources {
  routes: string[];
  islands: string[];
  statics: string[];
}

/** @param root The folder that holds `routes/`, `islands/` and `static/` */
export function scan(root: string): Sources {
  const code = (file: string) =>
    /\.tsx?$/.test(file) && !/_test\.tsx?$/.test(file);
  return {
    routes: walk(`${root}/routes`).filter(code),
    islands: walk(`${root}/islands`).filter(code),
    statics: walk(`${root}/static`),
  };
}

/** A route file's id: its path in `routes/` without the extension. */
export function routeId(root: string, file: string): string {
  return relative(`${root}/routes`, file).replaceAll("\\", "/").replace(
    /\.tsx?$/,
    "",
  );
}

function walk(folder: string): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap((
    { name, isDirectory },
  ) => isDirectory ? walk(`${folder}/${name}`) : [`${folder}/${name}`]);
}
