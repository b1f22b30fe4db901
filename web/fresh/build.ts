/**
 * What a build hands to the application: routes, islands and the files for the browser.
 *
 * @module
 */
import type { ComponentType } from "preact";

/** An exported component of a file in `islands/`. */
export interface Island {
  /** Unique among the islands, and an identifier. */
  name: string;
  exportName: string;
  // deno-lint-ignore no-explicit-any
  fn: ComponentType<any>;
  /** The address of the bundled file, such as `/_fresh/js/Clock-AB12.js`. */
  file: string;
}

/** A file of `routes/`, without its extension: `sites/[site_id]`. */
export interface RouteFile {
  id: string;
  // deno-lint-ignore no-explicit-any
  mod: any;
}

/** A file that the browser may ask for. */
export interface BuildFile {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
  /** A hash of the content. */
  hash: string;
  /** The name holds a hash of the content, so that it never changes. */
  immutable: boolean;
}

/** Everything that was found and bundled. */
export interface Build {
  /** Changes when a static file changes: what `asset()` adds to an address. */
  id: string;
  mode: "development" | "production";
  /** The address of the bundled `client.ts`. */
  clientEntry: string;
  islands: Island[];
  routes: RouteFile[];
  /** By path: `/styles.css`, `/_fresh/js/client-AB12.js`. */
  files: Map<string, BuildFile>;
}
