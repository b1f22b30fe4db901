/**
 * What pages and islands may use on both sides: the public API of `fresh/runtime`.
 *
 * @module
 */
export { asset, IS_BROWSER } from "./asset.ts";
export { Head, type HeadProps } from "./head.ts";
