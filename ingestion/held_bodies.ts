/**
 * The memory that bodies take while they are read whole.
 *
 * Each is limited, but not how many come at once: fifty of eight megabytes, as after an outage that many gateways had
 * noticed, are more than a container has. So all of them share what there is. When it is used up the one that came first is
 * read on, and the others wait in their clients, slowed down by TCP.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";

/** Bytes that all of them may hold, but for a piece of each and the oldest one. */
const MOST_BYTES = 8 * 1024 * 1024;

/** How long a body waits for memory, in milliseconds. */
const WAIT_MS = 15_000;

/** The bodies that are being read. */
export interface HeldBodies {
  /** Bytes that are held. */
  readonly bytes: number;
  /** Begins with one. */
  open(): HeldBody;
}

/** A body that is being read; disposed of once nothing is left of it. */
export interface HeldBody extends Disposable {
  /**
   * Takes a piece into account, and waits until there is memory for another.
   *
   * @param bytes Its size; 0 before the first one.
   * @throws {Problem} 503 when there is none for long.
   */
  grow(bytes: number): Promise<void>;
}

/**
 * Makes an account of bodies.
 *
 * @param mostBytes What all of them may hold.
 * @param waitMs How long one waits for memory.
 * @returns The account, empty.
 */
export function createHeldBodies(
  mostBytes: number = MOST_BYTES,
  waitMs: number = WAIT_MS,
): HeldBodies {
  // In the order in which they came.
  const open = new Set<HeldBody>();
  const waiting = new Set<() => void>();
  let total = 0;
  const wake = () => waiting.forEach((look) => look());
  const mayGrow = (body: HeldBody) =>
    total < mostBytes || open.values().next().value === body;

  const room = (body: HeldBody) =>
    new Promise<void>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const look = () => {
        if (!mayGrow(body)) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(tooMany());
      }, waitMs);
      waiting.add(look);
    });

  return {
    get bytes() {
      return total;
    },
    open() {
      let held = 0;
      const body: HeldBody = {
        async grow(bytes) {
          held += bytes;
          total += bytes;
          if (!mayGrow(body)) await room(body);
        },
        [Symbol.dispose]() {
          if (!open.delete(body)) return;
          total -= held;
          wake();
        },
      };
      open.add(body);
      return body;
    },
  };
}

function tooMany(): Problem {
  return new Problem(
    "backlog",
    "More large bodies arrive at once than there is memory for. Nothing of this one was stored; send it again shortly.",
    {},
    { "retry-after": "1", connection: "close" },
  );
}
