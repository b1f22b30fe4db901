/**
 * Keeping processes on cores of their own.
 *
 * A scheduler that has to spread a service, its Redis and what loads it over few cores now and then puts two of them on
 * one core while another is idle, and how often it does is measured with them.
 *
 * @module
 */

/** Who is where, as lists for `taskset`. */
export interface Cores {
  /** For what is measured. */
  measured: string;
  /** For all that it needs. */
  rest: string;
}

/**
 * Halves the machine's cores.
 *
 * @param count How many there are.
 * @returns The halves; on a machine with one core both are that one.
 */
export function halves(count: number = navigator.hardwareConcurrency): Cores {
  const half = Math.floor(count / 2);
  const last = count - 1;
  return {
    measured: `0-${Math.max(0, half - 1)}`,
    rest: `${half}-${last}`,
  };
}

/**
 * Keeps a process, with all its threads, on some cores.
 *
 * @param pid The process.
 * @param list The cores.
 * @throws {Error} When there is no `taskset`, or it fails.
 */
export async function pin(pid: number, list: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("taskset", {
    args: ["-a", "-c", "-p", list, String(pid)],
  }).output();
  if (!success) {
    throw new Error(
      `taskset failed: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
}
