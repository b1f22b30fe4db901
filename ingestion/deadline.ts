/**
 * Deadlines of many promises with one timer between them: a timer for each request would cost as much as reading,
 * checking and answering it.
 *
 * @module
 */

/** How often it is looked for what has passed, in milliseconds. A deadline is met late by up to as much. */
const LOOK_MS = 100;

interface Waiting {
  /** By the clock of `performance.now()`, in milliseconds. */
  deadline: number;
  late: () => Error;
  reject: (error: unknown) => void;
}

const waiting = new Set<Waiting>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Waits for a promise, but not for ever.
 *
 * @param milliseconds For how long, give or take a tenth of a second.
 * @param promise What is waited for.
 * @param late Makes the error when it is in vain.
 * @param failed Makes the error when the promise is rejected.
 * @returns What the promise gives.
 * @throws What `late` or `failed` make.
 */
export function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  late: () => Error,
  failed: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = performance.now() + milliseconds;
    const entry: Waiting = { deadline, late, reject };
    waiting.add(entry);
    timer ??= setInterval(look, LOOK_MS);
    promise.then(
      (value) => (waiting.delete(entry), resolve(value)),
      () => (waiting.delete(entry), reject(failed())),
    );
  });
}

function look(): void {
  const now = performance.now();
  for (const entry of waiting) {
    if (entry.deadline > now) continue;
    waiting.delete(entry);
    entry.reject(entry.late());
  }
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
