/**
 * `<Head>`: puts elements into the document's head from anywhere in a page.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { IS_BROWSER } from "./asset.ts";

/** What `<Head>` takes. */
export interface HeadProps {
  /** `title`, `meta`, `link`, … ; one of the same kind or key replaces the one of `_app.tsx`. */
  children?: ComponentChildren;
}

/** Its children are moved by the renderer; in the browser it is empty. */
export function Head(props: HeadProps): ComponentChildren {
  return IS_BROWSER ? null : props.children;
}
