/**
 * The tasks of deno.json, so that the launcher and the tests run a service with the very permissions that its task has.
 *
 * @module
 */

import { ROOT } from "./paths.ts";

/** What a task runs: `deno` with these arguments, and these variables in its environment. */
export interface TaskCommand {
  args: string[];
  env: Record<string, string>;
}

/**
 * Looks up what a task runs.
 *
 * @param name The task's name.
 * @returns The arguments to give to `deno`, `["run", "--allow-net", …, "ingestion/main.ts"]`, and what the task sets.
 * @throws {Error} When there is no such task, or when it is not a plain `deno run`, with or without variables before it.
 *
 * @example
 * ```ts
 * const { args, env } = await taskCommand("ingestion");
 * new Deno.Command(Deno.execPath(), { args, env });
 * ```
 */
export async function taskCommand(name: string): Promise<TaskCommand> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const task = tasks?.[name];
  const command: unknown = typeof task === "string" ? task : task?.command;
  if (typeof command !== "string") {
    throw new Error(`Expected a task "${name}" in deno.json`);
  }
  const words = command.split(/\s+/);
  const start = words.indexOf("deno");
  const variables = words.slice(0, Math.max(0, start)).map((word) =>
    /^([A-Z_]+)=(\w+)$/.exec(word)
  );
  if (
    start < 0 || words[start + 1] !== "run" || variables.includes(null) ||
    /["'$&|;<>]/.test(command)
  ) {
    throw new Error(
      `Expected the task "${name}" in deno.json to be a plain \`deno run\`, got: ${command}`,
    );
  }
  return {
    args: words.slice(start + 1),
    env: Object.fromEntries(variables.map((it) => [it![1], it![2]])),
  };
}
