/**
 * Keeping a child process running: it is started again when it dies, with a delay that grows, until it is stopped.
 *
 * @module
 */

/** A process that runs, as `spawnTethered` and `startRedis` give it. */
export interface Running {
  /** Its pid. */
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Sends a signal; does nothing once it has ended. */
  kill(signal: Deno.Signal): void | Promise<void>;
}

/** What to keep running, and how. */
export interface SuperviseOptions {
  /**
   * Starts it, at first and after each end.
   *
   * @throws {Error} When it cannot be started: passed on the first time, later taken as one more death.
   */
  start: () => Running | Promise<Running>;
  /** Resolves when what was started is ready; asked after each start. */
  ready?: (signal: AbortSignal) => Promise<unknown>;
  /** Told each thing that a person should know, as one line. */
  say: (line: string) => void;
  /**
   * Milliseconds before the second start; doubled with each further death.
   *
   * @default {500}
   */
  delayMs?: number;
  /**
   * The longest delay.
   *
   * @default {30_000}
   */
  maxDelayMs?: number;
  /**
   * Who has lived as long as this counts as well, and is started again after the shortest delay.
   *
   * @default {10_000}
   */
  wellMs?: number;
  /** The code that it ends with when another start would end no better: it is started again by `restart()` alone. */
  hopeless?: number;
  /**
   * Milliseconds from SIGTERM to SIGKILL.
   *
   * @default {10_000}
   */
  patienceMs?: number;
}

/** A child that is kept running. */
export interface Supervised extends AsyncDisposable {
  /** The pid of the process that runs, or that ran last. */
  readonly pid: number;
  /** Resolves when it is ready for the first time. Never resolves if it never is. */
  readonly ready: Promise<void>;
  /** Stops it and starts it again without a delay. */
  restart(why: string): Promise<void>;
  /** Stops it for good: SIGTERM, and SIGKILL when it has not ended in time. Resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a child and keeps it running.
 *
 * @param options What to keep running, and how.
 * @returns The child, started and not necessarily ready.
 * @throws {Error} When the first start fails.
 *
 * @example
 * ```ts
 * await using child = await supervise({
 *   start: () => spawnTethered("sleep", { args: ["60"] }),
 *   say: console.log,
 * });
 * ```
 */
export async function supervise(
  options: SuperviseOptions,
): Promise<Supervised> {
  const {
    start,
    say,
    ready = () => Promise.resolve(),
    delayMs = 500,
    maxDelayMs = 30_000,
    wellMs = 10_000,
    hopeless,
    patienceMs = 10_000,
  } = options;
  const firstReady = Promise.withResolvers<void>();
  let stopping = false;
  let restarting = false;
  /** Ends the delay that is under way. */
  let wake = () => {};
  let current: Running = await start();
  const endCurrent = async () => {
    const ending = current;
    await ending.kill("SIGTERM");
    const timer = setTimeout(() => {
      say(`has not ended ${seconds(patienceMs)} after SIGTERM, is killed`);
      ending.kill("SIGKILL");
    }, patienceMs);
    await ending.exited;
    clearTimeout(timer);
  };

  const life = (async () => {
    let delay = delayMs;
    let running: Running | undefined = current;
    for (let starts = 1; !stopping; starts++) {
      let givenUp = false;
      const began = performance.now();
      if (running !== undefined) {
        const end = new AbortController();
        ready(end.signal).then(() => {
          if (starts > 1) {
            say(`ready again, ${seconds(performance.now() - began)} later`);
          }
          firstReady.resolve();
        }).catch(() => {
          // It ended first, which is said below.
        });
        const status: Deno.CommandStatus = await running.exited;
        end.abort();
        if (stopping) break;
        if (performance.now() - began >= wellMs || restarting) delay = delayMs;
        givenUp = hopeless !== undefined && status.code === hopeless;
        if (!restarting) {
          const next = givenUp
            ? "is not started again, for it would end the same"
            : `starts again in ${seconds(delay)}`;
          say(`ended with ${status.signal ?? `code ${status.code}`}, ${next}`);
        }
      }
      if (!restarting) {
        await pause(givenUp ? undefined : delay, (now) => wake = now);
        delay = Math.min(delay * 2, maxDelayMs);
      }
      if (restarting) delay = delayMs;
      restarting = false;
      if (stopping) break;
      try {
        running = current = await start();
        // It was told to stop while it was being started.
        if (stopping) await endCurrent();
      } catch (error) {
        running = undefined;
        say(
          `did not start, tries again in ${seconds(delay)}: ${
            error instanceof Error ? error.message : error
          }`,
        );
      }
    }
  })();

  const stop = async () => {
    stopping = true;
    wake();
    await endCurrent();
    await life;
  };
  return {
    get pid() {
      return current.pid;
    },
    ready: firstReady.promise,
    restart: async (why) => {
      if (stopping) return;
      say(`restarts: ${why}`);
      restarting = true;
      wake();
      await endCurrent();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Waits until the time is over, if one is given, or until it is woken. */
function pause(
  milliseconds: number | undefined,
  given: (wake: () => void) => void,
) {
  return new Promise<void>((resolve) => {
    const timer = milliseconds && setTimeout(resolve, milliseconds);
    given(() => {
      if (timer) clearTimeout(timer);
      resolve();
    });
  });
}

function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toFixed(1))} s`;
}
