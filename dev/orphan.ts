/**
 * Noticing that whoever started this process is gone.
 *
 * `deno task` passes signals on, but `npx` does not: a SIGTERM ends `npx` and the shell it runs `deno task` in, and
 * nobody tells the rest. Without this, everything would go on running with nothing left to stop it by.
 *
 * @module
 */

/** Who starts us and is supposed to outlive us. A plain shell is not: what it started may well go on without it. */
const LAUNCHER = /\bnpm exec\b|\bnpx\b|\bdeno\S* task\b/;

/** A process as the system knows it. */
export interface Process {
  /** The pid of its parent. */
  parent: number;
  /** Its command line. */
  command: string;
}

/** What to watch, and how. */
export interface OrphanOptions {
  /** Looks a process up. */
  look?: (pid: number) => Promise<Process | undefined>;
  /**
   * Milliseconds between two looks.
   *
   * @default {200}
   */
  everyMs?: number;
}

/**
 * Waits until the `npx` or `deno task` that started this process is gone.
 *
 * @param options What to watch, and how.
 * @returns Resolves when one of the processes between it and this one has ended; never, when there is none.
 *
 * @example
 * ```ts
 * untilOrphaned().then(() => Deno.exit(1));
 * ```
 */
export async function untilOrphaned(
  options: OrphanOptions = {},
): Promise<void> {
  const { look = lookUp, everyMs = 200 } = options;
  const line = await ancestors(look);
  const last = line.findLastIndex(({ command }) => LAUNCHER.test(command));
  if (last < 0) return await new Promise(() => {});
  const chain = line.slice(0, last + 1).map(({ pid }) => pid);
  while (true) {
    const now = await parents(chain.length, look);
    if (now.join() !== chain.join()) return;
    await new Promise<void>((resolve) => {
      // Watching is no reason to stay alive.
      Deno.unrefTimer(setTimeout(resolve, everyMs));
    });
  }
}

/** The line from our parent up. */
async function ancestors(look: NonNullable<OrphanOptions["look"]>) {
  const line: { pid: number; command: string }[] = [];
  for (let pid = Deno.ppid; pid > 1;) {
    const found = await look(pid);
    if (!found) break;
    line.push({ pid, command: found.command });
    pid = found.parent;
  }
  return line;
}

async function parents(
  count: number,
  look: NonNullable<OrphanOptions["look"]>,
): Promise<number[]> {
  const pids = [Deno.ppid];
  while (pids.length < count) {
    pids.push((await look(pids[pids.length - 1]))?.parent ?? 0);
  }
  return pids;
}

/** Linux has it in /proc, where `ps` may be missing; macOS has `ps`. */
async function lookUp(pid: number): Promise<Process | undefined> {
  try {
    if (Deno.build.os === "linux") {
      // The name before the last bracket is the program's choice and may hold anything.
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]);
      const command = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      return { parent, command: command.replaceAll("\0", " ") };
    }
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "ppid=,args=", "-p", String(pid)],
    }).output();
    const found = /^\s*(\d+)\s+(.*)/.exec(new TextDecoder().decode(stdout));
    return found ? { parent: Number(found[1]), command: found[2] } : undefined;
  } catch {
    return undefined;
  }
}
