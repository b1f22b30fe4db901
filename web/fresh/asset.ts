/**
 * Addresses of static files that may be cached for ever.
 *
 * @module
 */

/** The query parameter that holds the build's id. */
export const ASSET_CACHE_BUST_KEY = "__frsh_c";

/** True in the browser, false on the server. */
export const IS_BROWSER = typeof document !== "undefined";

// The bundler puts the id in place of the name; on the server the build sets it.
declare const __FRESH_BUILD_ID__: string | undefined;
let buildId = typeof __FRESH_BUILD_ID__ === "string" ? __FRESH_BUILD_ID__ : "0";

/** Sets the id that `asset()` adds; for the server, when it has its build. */
export function setBuildId(id: string) {
  buildId = id;
}

/**
 * Marks the address of a static file with the build, so that it can be cached for a year.
 *
 * @param path An absolute path; anything else is returned as it is
 */
export function asset(path: string): string {
  if (!path.startsWith("/") || path.startsWith("//")) return path;
  const url = new URL(path, "http://localhost");
  if (url.searchParams.has(ASSET_CACHE_BUST_KEY)) return path;
  url.searchParams.set(ASSET_CACHE_BUST_KEY, buildId);
  return url.pathname + url.search + url.hash;
}
