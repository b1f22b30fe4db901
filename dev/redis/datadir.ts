/**
 * Keeping a data directory to one Redis at a time. Two on the same append-only file would ruin it, and Redis itself
 * does not look.
 *
 * @module
 */

import { until } from "../until.ts";
import { identifyRedis } from "./probe.ts";

/** A data directory that is ours until it is released. */
export interface DataDirLock {
  /**
   * Notes the Redis that now uses the directory, for whoever comes after us if we die without a chance to stop it.
   *
   * @param port Where it listens on 127.0.0.1.
   */
  note(port: number): Promise<void>;
  /** Gives the directory up and takes the lock away. Stop Redis first. */
  release(): Promise<void>;
}

/** What the lock file says. */
interface Note {
  /** The launcher. */
  pid: number;
  /** Its Redis, once it runs. */
  redis?: { port: number; pid: number; runId: string };
}

/**
 * Takes a data directory.
 *
 * The lock is the kernel's (flock), so it is gone when its holder is, however that ended. What may still be there then
 * is the holder's Redis, which the note in the lock file leads to; its watcher is about to stop it, so it is given a
 * moment.
 *
 * @param dir The directory; made if it is missing.
 * @param patienceMs How long to wait for a Redis that was left behind.
 * @returns The lock.
 * @throws {Error} When another process has it, or when nothing can be kept there, saying what to do.
 */
export async function lockDataDir(
  dir: string,
  patienceMs = 12_000,
): Promise<DataDirLock> {
  const path = `${dir}/launcher.lock`;
  const file = await writing(dir, async () => {
    await Deno.mkdir(dir, { recursive: true });
    return await openLocked(path);
  });
  if (!file) {
    const { pid, redis } = await readNote(path);
    throw new Error(
      `${dir} is in use by another \`deno task dev\` or \`deno task redis\`${
        pid ? ` (pid ${pid})` : ""
      }: ` +
        `stop that one first${
          redis
            ? `, or use its Redis with REDIS_URL=redis://127.0.0.1:${redis.port}`
            : ""
        }`,
    );
  }
  const { redis } = await readNote(path);
  try {
    if (redis) await untilGone(redis, dir, patienceMs);
  } catch (error) {
    file.close();
    throw error;
  }
  const write = (note: Note) => writing(dir, () => writeNote(file, note));
  await write({ pid: Deno.pid });
  return {
    note: async (port) => {
      const redis = {
        port,
        ...await identifyRedis({ hostname: "127.0.0.1", port }),
      };
      await write({ pid: Deno.pid, redis });
    },
    release: async () => {
      // Who deletes the data while they are in use has deleted the lock too.
      await Deno.remove(path).catch(() => {});
      file.close();
    },
  };
}

/** Says of what fails in a directory which one it is, and how another is chosen. */
async function writing<T>(dir: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const [reason] = (error as Error).message.split(" (os error");
    throw new Error(
      `No data can be kept in ${dir}: ${reason}. \`deno task dev --data DIR\` keeps them in another directory`,
    );
  }
}

async function openLocked(path: string): Promise<Deno.FsFile | undefined> {
  while (true) {
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
    });
    if (!await file.tryLock(true)) {
      file.close();
      return undefined;
    }
    // The holder removes the file before it lets go: what we have locked may no longer be what is there.
    const [ours, there] = [
      await file.stat(),
      await Deno.stat(path).catch(() => undefined),
    ];
    if (ours.ino === there?.ino) return file;
    file.close();
  }
}

async function untilGone(
  redis: NonNullable<Note["redis"]>,
  dir: string,
  patienceMs: number,
): Promise<void> {
  const isThere = () =>
    identifyRedis({ hostname: "127.0.0.1", port: redis.port }).then(
      ({ runId }) => runId === redis.runId,
      () => false,
    );
  await until(async () => !await isThere(), { timeout: patienceMs }).catch(
    () => {
      throw new Error(
        `A Redis that an earlier run left behind still uses ${dir} (pid ${redis.pid}, port ${redis.port}): ` +
          `stop it with \`redis-cli -p ${redis.port} shutdown\` or \`kill ${redis.pid}\`, then start again`,
      );
    },
  );
}

async function readNote(path: string): Promise<Partial<Note>> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    // Empty: its holder has only just made it.
    return {};
  }
}

async function writeNote(file: Deno.FsFile, note: Note): Promise<void> {
  await file.truncate();
  await file.seek(0, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode(JSON.stringify(note)));
}
