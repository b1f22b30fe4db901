/**
 * Where the project and its data are.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The project's root directory, without a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url))
  .replace(/\/$/, "");

/** What the launcher and the tests keep between runs; never committed, and safe to delete while nothing runs. */
export const DATA_DIR: string = `${ROOT}/.data`;
