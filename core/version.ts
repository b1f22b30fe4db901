/**
 * Which version this is. A build puts both constants in; from source they say so.
 *
 * @module
 */

declare const __VERSION__: string | undefined;
declare const __COMMIT__: string | undefined;

/** The version. */
export const VERSION: string = typeof __VERSION__ === "string"
  ? __VERSION__
  : "0.1.0";

/** The commit it was built from. */
export const COMMIT: string = typeof __COMMIT__ === "string"
  ? __COMMIT__
  : "source";
