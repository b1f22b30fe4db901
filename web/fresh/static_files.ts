/**
 * Serves the files of `static/` and the bundles.
 *
 * @module
 */
import { ASSET_CACHE_BUST_KEY } from "./asset.ts";
import { buildOf } from "./context.ts";
import type { Middleware } from "./types.ts";

/**
 * A file is cached for a year only if `asset()` marked its address or the builder put a hash into its name;
 * anything else is asked for again each time, by its ETag.
 */
export function staticFiles<State>(): Middleware<State> {
  return async function serveStaticFile(ctx) {
    const build = buildOf(ctx);
    const file = build?.files.get(decodePath(ctx.url.pathname));
    if (build === null || file === undefined) return await ctx.next();
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") {
      return new Response("Method Not Allowed", { status: 405 });
    }

    const key = ctx.url.searchParams.get(ASSET_CACHE_BUST_KEY);
    if (key !== null && key !== build.id) {
      // An address of an older build must not put the new file under it.
      const url = new URL(ctx.url);
      url.searchParams.delete(ASSET_CACHE_BUST_KEY);
      return new Response(null, {
        status: 307,
        headers: { location: url.pathname + url.search },
      });
    }

    const headers = new Headers({
      "content-type": file.contentType,
      "etag": `W/"${file.hash}"`,
      "vary": "If-None-Match",
    });
    const asked = ctx.req.headers.get("if-none-match");
    if (asked === `W/"${file.hash}"` || asked === `"${file.hash}"`) {
      return new Response(null, { status: 304, headers });
    }
    const forEver = build.mode === "production" &&
      (file.immutable || key === build.id);
    headers.set(
      "cache-control",
      forEver
        ? "public, max-age=31536000, immutable"
        : "no-cache, no-store, max-age=0, must-revalidate",
    );
    if (ctx.req.method === "HEAD") {
      headers.set("content-length", String(file.bytes.length));
      return new Response(null, { headers });
    }
    return new Response(file.bytes, { headers });
  };
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
