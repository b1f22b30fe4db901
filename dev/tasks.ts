/**
 * The tasks of deno.json, so that the launcher and the tests run a service with the very permissions that its task has.
 *
 * @module
 */

import { ROOT } from "./paths.ts";

/**
 * Looks up what a task runs.
 *
 * @param name The task's name.
 * @returns The arguments to give to `deno`: `["run", "--allow-net", …, "ingestion/main.ts"]`.
 * @throws {Error} When there is no such task, or when it is not a plain `deno run`.
 *
 * @example
 * ```ts
 * new Deno.Command(Deno.execPath(), { args: await taskArgs("ingestion") });
 * ```
 */
export async function taskArgs(name: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const task = tasks?.[name];
  const command: unknown = typeof task === "string" ? task : task?.command;
  if (typeof command !== "string") {
    throw new Error(`Expected a task "${name}" in deno.json`);
  }
  const words = command.split(/\s+/);
  if (words[0] !== "deno" || words[1] !== "run" || /["'$&|;<>]/.test(command)) {
    throw new Error(
      `Expected the task "${name}" in deno.json to be a plain \`deno run\`, got: ${command}`,
    );
  }
  return words.slice(1);
}
