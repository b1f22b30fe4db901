/**
 * Where the project and its data are.
 *
 * @module
 */

/** The project's root directory, without a slash at its end. */
export const ROOT: string = new URL("..", import.meta.url).pathname.replace(
  /\/$/,
  "",
);

/** What the launcher and the tests keep between runs; never committed, and safe to delete while nothing runs. */
export const DATA_DIR: string = `${ROOT}/.data`;
