/**
 * Files for the browser: their type and the hash of their content.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { BuildFile } from "../build.ts";

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json; charset=utf-8",
};

/** A short hash of what is given. */
export function hashOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param path By whose extension the type is chosen
 * @param bytes The content
 * @param immutable Whether the name holds a hash
 */
export function buildFile(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  immutable: boolean,
): BuildFile {
  const contentType = TYPES[path.split(".").at(-1)!] ??
    "application/octet-stream";
  return { bytes, contentType, hash: hashOf(bytes), immutable };
}
