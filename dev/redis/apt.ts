/**
 * Redis out of the distribution's own packages, without root and without touching the system.
 *
 * apt gets a private view of the world: its lists, its cache and its idea of what is installed lie in a directory of
 * ours. The system's apt sources and keys are only read, so what is fetched is as trusted as what `apt install`
 * would fetch. The packages are unpacked, not installed: no service is set up, nothing is started.
 *
 * @module
 */

import { aborted } from "../stop.ts";
import { runProgram } from "./program.ts";

/** Where to fetch to, and whether at all. */
export interface AptOptions {
  /** Directory for the private view and the unpacked packages. */
  dir: string;
  /** Only use what is there already. */
  offline?: boolean;
  /** Told what is going on, since it takes some seconds. */
  progress?: (line: string) => void;
  /** Ends the fetching; its reason is thrown. */
  signal?: AbortSignal;
}

/** An unpacked server and the environment that lets it find its libraries; or why there is none. */
export type AptResult = { path: string; env: Record<string, string> } | {
  why: string;
};

const PACKAGE = "redis-server";
const SYSTEM_STATUS = "/var/lib/dpkg/status";

/**
 * Fetches the distribution's Redis, once; the next call uses what is there.
 *
 * @param options Where to fetch to, and whether at all.
 * @returns The unpacked server, or why there is none. It may still be too old: ask it for its version.
 */
export async function fetchFromApt(options: AptOptions): Promise<AptResult> {
  const root = `${options.dir}/root`;
  const present = await unpacked(root);
  if (present) return present;
  if (Deno.build.os !== "linux" || !await exists(SYSTEM_STATUS)) {
    return {
      why:
        "this is not Debian or Ubuntu, so there is no distribution package to fetch",
    };
  }
  for (const program of ["apt-get", "dpkg-deb"]) {
    if (await runs(program)) continue;
    return {
      why:
        `${program} is missing, so the distribution's package cannot be fetched`,
    };
  }
  if (options.offline) {
    return { why: "the distribution's package has not been fetched yet" };
  }

  options.progress?.(
    "Fetching Redis from the distribution's packages into .data/apt (once; nothing is installed)",
  );
  await Deno.mkdir(options.dir, { recursive: true });
  using _lock = await locked(`${options.dir}/fetch.lock`, options.signal);
  const fetched = await unpacked(root);
  if (fetched) return fetched;
  // What a start that was killed has left.
  for (const { name } of await list(options.dir)) {
    if (name.startsWith("fetch-")) await removeAll(`${options.dir}/${name}`);
  }
  const work = await Deno.makeTempDir({ dir: options.dir, prefix: "fetch-" });
  try {
    return await fetchInto(root, work, options.signal);
  } finally {
    await removeAll(work);
  }
}

/** Lets one process fetch at a time; the lock is the kernel's, so it is gone when its holder is. */
async function locked(
  path: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { write: true, create: true });
  await Promise.race([file.lock(true), aborted(signal)]);
  signal.throwIfAborted();
  return file;
}

async function fetchInto(
  root: string,
  work: string,
  signal?: AbortSignal,
): Promise<AptResult> {
  const run = (program: string, args: string[]) =>
    runProgram(program, args, signal);
  const config = await privateView(work);
  // A single source out of order makes `update` fail, though the others may have what is needed: go on all the same.
  const update = await run("apt-get", [...config, "-qq", "update"]);
  const download = await run("apt-get", [
    ...config,
    "-qq",
    "-y",
    "--no-install-recommends",
    "--download-only",
    "install",
    PACKAGE,
  ]);
  if (!download.success) {
    // Without its lists apt knows of no package: what kept it from them is the reason.
    const said = [
      ...update.stderr.split("\n").filter((line) =>
        /^W: Failed to fetch|^E:/.test(line)
      ).slice(0, 1),
      ...download.stderr.split("\n").filter((line) => line.startsWith("E:"))
        .slice(0, 1),
    ].map((line) => line.slice(3));
    return {
      why: `the distribution's package cannot be fetched: ${
        said.join("; ") || "apt-get did not say why"
      }`,
    };
  }

  // Unpacked beside its place and then renamed: whoever sees `root` sees all of it.
  const fresh = `${work}/root`;
  for await (const entry of Deno.readDir(`${work}/cache/archives`)) {
    if (!entry.name.endsWith(".deb")) continue;
    const { success, stderr } = await run("dpkg-deb", [
      "-x",
      `${work}/cache/archives/${entry.name}`,
      fresh,
    ]);
    if (!success) {
      return {
        why: `the distribution's package cannot be unpacked: ${stderr.trim()}`,
      };
    }
  }
  await Deno.rename(fresh, root);
  return await unpacked(root) ??
    {
      why: `the distribution's ${PACKAGE} package holds no ${PACKAGE} program`,
    };
}

/** Makes the directories of the private view and returns the options that have apt use them. */
async function privateView(dir: string): Promise<string[]> {
  await Deno.mkdir(`${dir}/state/lists/partial`, { recursive: true });
  await Deno.mkdir(`${dir}/cache/archives/partial`, { recursive: true });
  // apt fetches only what the system does not have. Redis itself must count as missing: it can be "installed" and yet
  // not on the PATH, or stand there as removed with its configuration kept.
  const status = (await Deno.readTextFile(SYSTEM_STATUS))
    .split("\n\n")
    .filter((paragraph) => !/^Package: (?:redis|valkey)/m.test(paragraph))
    .join("\n\n");
  await Deno.writeTextFile(`${dir}/state/status`, status);
  return Object.entries({
    "Dir::State": `${dir}/state`,
    "Dir::State::status": `${dir}/state/status`,
    "Dir::Cache": `${dir}/cache`,
    "Dir::Log": `${dir}/state`,
    // The system's lock belongs to root, and the view is ours alone.
    "Debug::NoLocking": "true",
    // As root, apt would download as the user _apt, who may not write here.
    "APT::Sandbox::User": "",
    "APT::Update::Post-Invoke": "",
    "Acquire::Languages": "none",
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "15",
    "Acquire::https::Timeout": "15",
  }).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}

async function unpacked(
  root: string,
): Promise<{ path: string; env: Record<string, string> } | undefined> {
  const path = `${root}/usr/bin/${PACKAGE}`;
  if (!await exists(path)) return undefined;
  const libraries: string[] = [];
  for (const lib of ["usr/lib", "lib"]) {
    for (const entry of await list(`${root}/${lib}`)) {
      if (entry.isDirectory && entry.name.includes("-linux-")) {
        libraries.push(`${root}/${lib}/${entry.name}`);
      }
    }
  }
  return {
    path,
    env: libraries.length ? { LD_LIBRARY_PATH: libraries.join(":") } : {},
  };
}

async function list(dir: string): Promise<Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(dir)).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function runs(program: string): Promise<boolean> {
  return (await runProgram(program, ["--version"])).success;
}

/** What a program that was ended still writes there goes at the next fetch. */
async function removeAll(dir: string): Promise<void> {
  await Deno.remove(dir, { recursive: true }).catch(() => {});
}
