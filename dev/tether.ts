/**
 * Child processes that never outlive their parent.
 *
 * A child is started by a small shell that first forks a watcher and then turns into the program (`exec`), so
 * the child's pid is the program's own. The watcher waits on a pipe of which this process holds the other end. The
 * kernel closes that end however this process ends, `kill -9` and a crash included, and the watcher then ends
 * the child.
 *
 * @module
 */

/** What to start, and what becomes of it when this process dies. */
export interface TetherOptions {
  /** Arguments of the program. */
  args?: string[];
  /** Working directory. */
  cwd?: string;
  /** Environment, on top of this process's own unless `clearEnv`. */
  env?: Record<string, string>;
  /** Start with `env` alone. */
  clearEnv?: boolean;
  /**
   * What the watcher sends when this process is gone: `SIGTERM` lets the child finish, with `SIGKILL` ten seconds
   * later; `SIGKILL` ends it at once.
   *
   * @default {"SIGTERM"}
   */
  orphanSignal?: "SIGTERM" | "SIGKILL";
  /** A directory that the watcher removes after it had to end the child. */
  removeDir?: string;
}

/** A running child. */
export interface Tethered {
  /** The pid of the program itself. */
  pid: number;
  /** Standard output; must be read or cancelled. */
  stdout: ReadableStream<Uint8Array>;
  /** Standard error; must be read or cancelled. */
  stderr: ReadableStream<Uint8Array>;
  /** Resolves when the program has ended. */
  exited: Promise<Deno.CommandStatus>;
  /** Sends a signal; does nothing once the program has ended. */
  kill(signal: Deno.Signal): void;
}

// `read` ends with success when the parent writes a line (the child has ended, nothing to do), and without when the
// pipe closes. The watcher lets go of stdout and stderr: held open, they would keep their readers waiting.
const WATCHED = `
exec 3<&0 </dev/null
(
  exec >/dev/null 2>&1
  trap '' HUP INT TERM
  read -r _ <&3 && exit
  kill -s "$TETHER_SIGNAL" $$
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 $$ || break
    sleep 1
  done
  kill -s KILL $$
  [ -z "$TETHER_REMOVE" ] || rm -rf "$TETHER_REMOVE"
) &
unset TETHER_SIGNAL TETHER_REMOVE
exec 3<&- "$@"
`;

/**
 * Starts a program that ends when this process does.
 *
 * The child leads a process group of its own, so that Ctrl-C in a terminal reaches this process alone and the order
 * of stopping is ours.
 *
 * @param program The program's path, or its name on the PATH.
 * @param options Arguments, environment and what happens to an orphan.
 * @returns The running child.
 *
 * @example
 * ```ts
 * const child = spawnTethered("sleep", { args: ["60"] });
 * child.kill("SIGTERM");
 * await child.exited;
 * ```
 */
export function spawnTethered(
  program: string,
  options: TetherOptions = {},
): Tethered {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", WATCHED, "sh", program, ...options.args ?? []],
    cwd: options.cwd,
    clearEnv: options.clearEnv,
    env: {
      ...options.env,
      TETHER_SIGNAL: (options.orphanSignal ?? "SIGTERM").slice("SIG".length),
      TETHER_REMOVE: options.removeDir ?? "",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  let ended = false;
  const exited = child.status.then(async (status) => {
    ended = true;
    const leash = child.stdin.getWriter();
    await leash.write(new Uint8Array([10])).then(() => leash.close()).catch(
      () => {
        // The watcher was killed as well: there is nobody left to tell.
      },
    );
    return status;
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    kill(signal) {
      if (ended) return;
      try {
        child.kill(signal);
      } catch (error) {
        // It ended a moment ago, and its status is not here yet.
        if (
          !(error instanceof TypeError || error instanceof Deno.errors.NotFound)
        ) throw error;
      }
    },
  };
}
