/**
 * Deadlines of many promises with one timer between them: a timer for each request would cost as much as reading,
 * checking and answering it.
 *
 * @module
 */

/** How often it is looked for what has passed, in milliseconds. A deadline is met late by up to twice as much. */
const LOOK_MS = 50;

/** A promise that is waited for, and its neighbours in the ring of all of them. */
interface Waiting {
  /** The look that finds it late. */
  deadline: number;
  late: () => Error;
  reject: (error: unknown) => void;
  before: Waiting;
  after: Waiting;
}

/** The beginning and the end. To enter a ring and to leave it costs a tenth of what it does with a set. */
const ring = {} as Waiting;
ring.before = ring.after = ring;

/** How often it was looked. To ask a clock would cost more. */
let looks = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Waits for a promise, but not for ever.
 *
 * @param milliseconds For how long; up to a tenth of a second more.
 * @param promise What is waited for.
 * @param late Makes the error when it is in vain.
 * @param failed Makes the error when the promise is rejected, of what it is rejected with.
 * @returns What the promise gives.
 * @throws What `late` or `failed` make.
 */
export function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  late: () => Error,
  failed: (error: Error) => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const entry: Waiting = {
      // The next look comes at any time from now on.
      deadline: looks + 1 + Math.ceil(milliseconds / LOOK_MS),
      late,
      reject,
      before: ring.before,
      after: ring,
    };
    ring.before = ring.before.after = entry;
    timer ??= setInterval(look, LOOK_MS);
    promise.then(
      (value) => {
        leave(entry);
        resolve(value);
      },
      (error) => {
        leave(entry);
        reject(failed(error));
      },
    );
  });
}

function leave(entry: Waiting): void {
  entry.before.after = entry.after;
  entry.after.before = entry.before;
  // It may be left again: when what was too late comes after all.
  entry.before = entry.after = entry;
}

function look(): void {
  looks++;
  let next: Waiting;
  for (let entry = ring.after; entry !== ring; entry = next) {
    next = entry.after;
    if (entry.deadline > looks) continue;
    leave(entry);
    entry.reject(entry.late());
  }
  if (ring.after !== ring) return;
  clearInterval(timer);
  timer = undefined;
}
