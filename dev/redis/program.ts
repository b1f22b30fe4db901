/**
 * Running a program to its end.
 *
 * @module
 */

import { eachLine } from "../lines.ts";
import { spawnTethered } from "../tether.ts";

/** How a program ended. */
export interface Outcome {
  /** Whether it ended with 0; not if there is no such program. */
  success: boolean;
  /** What it wrote to standard error. */
  stderr: string;
}

/**
 * Runs a program to its end. Ctrl-C in a terminal does not reach it, so that what it says is never taken for a reason
 * when it was only interrupted.
 *
 * @param program The program's path, or its name on the PATH.
 * @param args Its arguments.
 * @param signal Ends it; its reason is thrown.
 * @returns How it ended.
 */
export async function runProgram(
  program: string,
  args: string[],
  signal?: AbortSignal,
): Promise<Outcome> {
  signal?.throwIfAborted();
  const child = spawnTethered(program, {
    args,
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  const end = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", end);
  const lines: string[] = [];
  const [{ success }] = await Promise.all([
    child.exited,
    eachLine(child.stdout, () => {}),
    eachLine(child.stderr, (line) => lines.push(line)),
  ]);
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  return { success, stderr: lines.join("\n") };
}
