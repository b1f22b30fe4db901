/**
 * A service's process: its port, its signals, its end.
 *
 * @module
 */

import type { App } from "./app.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { listenError } from "./listen_error.ts";
import type { Logger } from "./log.ts";

/** How long requests under way may take to finish once no new ones are taken, in milliseconds. */
const FINISH_MS = 20_000;

/** How often it is looked whether requests are still under way, in milliseconds. */
const LOOK_MS = 10;

/** What a process runs. */
export interface ServerOptions {
  /** Where to listen, and how long to go on answering after SIGTERM. */
  config: { HOST: string; PORT: number; SHUTDOWN_DELAY_MS: number };
  app: Pick<App, "handle">;
  lifecycle: Lifecycle;
  /** Aborts `lifecycle.closing`. */
  close: () => void;
  log: Logger;
  /** What is left to do once all requests are answered: finish work, leave Redis. */
  stop: () => Promise<void>;
}

/**
 * Listens until SIGTERM or SIGINT, then leaves in order: unready at once, and for `SHUTDOWN_DELAY_MS` every
 * answer closes its connection (a load balancer takes that long to notice; closing at once cuts requests off);
 * then what is under way finishes, what still comes is a 503, no new connections are taken, and the process exits
 * with 0. A second signal ends it at once. A port that is taken ends it with 1.
 *
 * @param options What to run.
 */
export function serve(options: ServerOptions): void {
  const { config, app, lifecycle, close, log, stop } = options;
  // `Deno.HttpServer.shutdown` lets go of bodies that are still arriving, so it has to wait until none is.
  const idle = async () => {
    while (lifecycle.underWay > 0) await delay(LOOK_MS);
  };
  let server: Deno.HttpServer;
  try {
    server = Deno.serve({
      hostname: config.HOST,
      port: config.PORT,
      onListen: ({ hostname, port }) =>
        log.info("Listening on {hostname}:{port}.", { hostname, port }),
      // The app has an answer for every error; what comes here has befallen one that was on its way.
      onError: (error) => {
        log.warning("An answer was broken off: {error}", {
          error: error instanceof Error ? error.message : String(error),
        });
        return new Response(null, { status: 500 });
      },
    }, app.handle);
  } catch (error) {
    console.error(listenError(error, config));
    Deno.exit(1);
  }
  const leave = async (signal: string) => {
    if (lifecycle.draining) Deno.exit(130);
    lifecycle.draining = true;
    log.info("{signal}: leaving.", { signal });
    await delay(config.SHUTDOWN_DELAY_MS);
    close();
    const finished = idle().then(() => server.shutdown());
    await Promise.race([finished, delay(FINISH_MS)]);
    await Promise.race([
      stop().catch((error) => log.error("{error}", { error: String(error) })),
      delay(FINISH_MS),
    ]);
    log.info("Left.");
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGTERM", () => leave("SIGTERM"));
  Deno.addSignalListener("SIGINT", () => leave("SIGINT"));
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
