/**
 * Watching the sources, to restart the services that a change concerns.
 *
 * @module
 */

import { complain as printComplaint } from "./console.ts";

/** Which services run code out of which directory. */
const CONCERNED: Record<string, string[]> = {
  core: ["ingestion", "processing", "web"],
  ingestion: ["ingestion"],
  processing: ["processing"],
  web: ["web"],
  "dev/simulator": ["simulator"],
};

/** Editors save in several steps, and a branch is switched in many. */
const QUIET_MS = 200;

/**
 * Says which services a changed file concerns.
 *
 * @param path The file's path from the project's root, such as `core/log.ts`.
 * @returns The names of the services; none for tests, and for what is no source.
 */
export function concernedBy(path: string): string[] {
  // A style and a picture too: the dashboard reads what it serves when it starts.
  if (!/\.(?:tsx?|lua|css|svg)$/.test(path)) return [];
  // What tests are made of runs in no service, what is built is no source, and editors hide what is theirs.
  if (
    /_test\.tsx?$|(?:^|\/)(?:testing|dist|_fresh|\.[^/]*)(?:\/|$)/.test(path)
  ) {
    return [];
  }
  const directory = Object.keys(CONCERNED).find((name) =>
    path.startsWith(`${name}/`)
  );
  return directory === undefined ? [] : CONCERNED[directory];
}

/** A change of the sources, once it has become quiet. */
export interface Change {
  /** The service it concerns. */
  service: string;
  /** The first of the changed files that concerns it, from the project's root. */
  path: string;
}

/** What watching is done with; tests put failures in. */
export interface WatchMeans {
  /** Told why the sources cannot be watched, and what to do. */
  complain: (message: string) => void;
  watch: (paths: string[]) => Deno.FsWatcher;
}

/**
 * Watches the sources until it is told to stop. Where the system lets no more be watched, all else goes on.
 *
 * @param root The project's root directory.
 * @param changed Called once for each service that a change concerns.
 * @param means What it is done with.
 * @returns Stops watching.
 */
export function watchSources(
  root: string,
  changed: (change: Change) => void,
  { complain, watch }: WatchMeans = {
    complain: printComplaint,
    watch: Deno.watchFs,
  },
): () => void {
  // macOS reports real paths, whatever path was given.
  root = Deno.realPathSync(root);
  const directories = Object.keys(CONCERNED).map((name) => `${root}/${name}`)
    .filter(isDirectory);
  let watcher: Deno.FsWatcher;
  try {
    watcher = watch(directories);
  } catch (error) {
    complain(
      `The sources cannot be watched, so no service is restarted when they change: ${
        (error as Error).message
      }\n` +
        "Linux lets more be watched after: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512",
    );
    return () => {};
  }
  const concerned = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    const changes = [...concerned];
    concerned.clear();
    for (const [service, path] of changes) changed({ service, path });
  };
  (async () => {
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      for (const path of event.paths.map((it) => it.slice(root.length + 1))) {
        for (const service of concernedBy(path)) {
          if (!concerned.has(service)) concerned.set(service, path);
        }
      }
      clearTimeout(timer);
      if (concerned.size > 0) timer = setTimeout(tell, QUIET_MS);
    }
  })();
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
