/**
 * `Idempotency-Key` on an upload: how far it has come is kept, so that one that broke off goes on from there.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import { mismatch, parseKept, type Rejected } from "./idempotency.ts";
import type { Lines, Publisher, Written } from "./publish.ts";
import unlockSource from "./unlock.lua" with { type: "text" };

/** How long the lock of a process that died stands in the way, in milliseconds: as long as its 409 says. */
const LOCK_MS = 5000;

const unlock = createScript(unlockSource);

/** Characters that are hashed at once: line by line costs more than the rest of the check. */
const HASH_AT = 65_536;

/** How far an upload has come: all up to a line is written, or was rejected. */
export interface Progress extends Written {
  /** That line, counted from 1; 0 at the beginning. */
  line: number;
  /** How many readings were taken. */
  accepted: number;
  /** What was not. */
  rejected: Rejected;
}

interface KeptUpload extends Progress {
  /** Media type and treatment. */
  fingerprint: string;
  /** Hash of the lines up to `line`. */
  hash: string;
  /** Whether that is all. */
  done: boolean;
}

/** An upload's key, held by this request alone. */
export interface UploadKey {
  /** How far earlier requests have come. */
  readonly progress: Progress;
  /** Whether they came to the end. */
  readonly done: boolean;
  /**
   * Takes note of the next line.
   *
   * @throws {Problem} 422 when it is not the body that the key was first used with.
   */
  line(text: string, number: number): void;
  /**
   * Checks that the body did not end before the place that earlier requests came to.
   *
   * @throws {Problem} 422 when it did.
   */
  end(lines: number): void;
  /**
   * Ends the next part at the last line that was noted: at once, as those that follow are noted while this part waits
   * to be written.
   *
   * @returns What writes the part and moves the key on with it. It rejects with a {@linkcode Problem}: 409 when another
   * request has moved the key, 503 when Redis does not take the part.
   */
  part(lines: Lines, progress: Progress, done: boolean): () => Promise<Written>;
  /** Lets others have the key. */
  release(): Promise<void>;
}

/**
 * Takes a key for an upload.
 *
 * The lock only tells a second request early that it comes too soon. What keeps each reading from being written
 * twice is that the script moves the key on only from where this request has left it.
 *
 * @param options The connections, where the answer is kept and for how long, and the request's treatment.
 * @returns The key.
 * @throws {Problem} 409 when another request has it, 422 when it belongs to another kind of request.
 */
export async function takeUploadKey(
  { redis, publisher, key, ttlMs, treatment }: {
    redis: Redis;
    publisher: Publisher;
    key: string;
    ttlMs: number;
    treatment: string;
  },
): Promise<UploadKey> {
  const lock = `${key}:lock`;
  const token = crypto.randomUUID();
  if (await redis.set(lock, token, "PX", LOCK_MS, "NX") === null) {
    throw conflict();
  }
  const renewal = setInterval(
    () => redis.pexpire(lock, LOCK_MS).catch(() => {}),
    LOCK_MS / 3,
  );
  const release = async () => {
    clearInterval(renewal);
    // When Redis cannot be asked, the lock expires.
    await unlock(redis, [lock], [token]).catch(() => {});
  };

  let before: string;
  let kept: KeptUpload | undefined;
  try {
    before = await redis.get(key) ?? "";
    if (before !== "") {
      const { value, ids } = parseKept<KeptUpload>(before);
      if (value.fingerprint !== treatment) throw mismatch();
      kept = {
        ...value,
        first: value.first || ids.first,
        last: ids.last || value.last,
      };
    }
  } catch (error) {
    await release();
    throw error;
  }
  const hash = createHash("sha256");
  let unhashed = "";
  const flush = () => {
    hash.update(unhashed);
    unhashed = "";
  };
  const digest = () => {
    flush();
    return hash.copy().digest("hex");
  };

  return {
    progress: kept ?? {
      line: 0,
      accepted: 0,
      rejected: { total: 0, lines: [] },
      first: "",
      last: "",
    },
    done: kept?.done ?? false,
    line(text, number) {
      unhashed += text + "\n";
      // Lines that are blank or were taken before lead to no digest, and there may be a gigabyte of them.
      if (unhashed.length >= HASH_AT) flush();
      if (kept === undefined || number < kept.line) return;
      if (number === kept.line) {
        if (digest() !== kept.hash) throw mismatch();
      } else if (kept.done) throw mismatch();
    },
    end(lines) {
      if (kept !== undefined && lines < kept.line) throw mismatch();
    },
    part(lines, progress, done) {
      const next: KeptUpload = {
        ...progress,
        fingerprint: treatment,
        hash: digest(),
        done,
      };
      const answer = JSON.stringify(next);
      return async () => {
        const written = await publisher.publishOnce(lines, {
          key,
          before,
          ttlMs,
          answer,
        });
        if ("kept" in written) throw conflict();
        before = `${answer}\n${written.first} ${written.last}`;
        return written;
      };
    },
    release,
  };
}

function conflict(): Problem {
  return new Problem(
    "conflict",
    "An upload with this Idempotency-Key is under way. Send it again once that has ended.",
    {},
    { "retry-after": String(LOCK_MS / 1000) },
  );
}
