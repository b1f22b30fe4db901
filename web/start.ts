/**
 * Listens with a build: the dashboard's process, its settings, its end.
 *
 * @module
 */
import { z } from "zod";
import { configFromCli } from "../core/cli.ts";
import { commonSettings, integer } from "../core/config.ts";
import { listenError } from "../core/listen_error.ts";
import { createLog } from "../core/log.ts";
import { setBuild } from "./fresh/app.ts";
import type { Build } from "./fresh/build.ts";
import { liveReload } from "./fresh/live_reload.ts";
import { close, lifecycle } from "./lifecycle.ts";
import { log, SERVICE } from "./log.ts";
import { app } from "./main.ts";
import { services } from "./services.ts";

const url = () =>
  z.string().regex(/^https?:\/\/\S+$/, {
    error: "must look like http://host:port",
  })
    .transform((text) => text.replace(/\/+$/, ""));

const { HOST, SHUTDOWN_DELAY_MS, LOG_LEVEL, LOG_FORMAT } = commonSettings;

/** The dashboard's settings. */
export const webSettings = z.object({
  PORT: integer(1, 65535).prefault("3000").describe("Port to listen on"),
  HOST,
  INGESTION_URL: url().prefault("http://localhost:8000").describe(
    "The ingestion service",
  ),
  PROCESSING_URL: url().prefault("http://localhost:8001").describe(
    "The processing service",
  ),
  API_KEY: z.string().optional().describe(
    "The dashboard's own key, of scope read",
  ),
  SHUTDOWN_DELAY_MS,
  LOG_LEVEL,
  LOG_FORMAT,
});

/** How long requests under way may take to finish at the end. */
const FINISH_MS = 10_000;

/** @param build What `fsRoutes()` and `staticFiles()` serve, or what makes it once the settings are known to be good */
export async function start(
  build: Build | (() => Promise<Build>),
): Promise<void> {
  const config = await configFromCli(SERVICE, "The dashboard.", webSettings);
  await createLog(SERVICE, config);
  services.ingestion = config.INGESTION_URL;
  services.processing = config.PROCESSING_URL;
  services.apiKey = config.API_KEY;
  const ready = typeof build === "function" ? await build() : build;
  setBuild(app, ready);
  const answer = ready.mode === "development"
    ? withReload(app.handler())
    : app.handler();
  const handler: Deno.ServeHandler = async (req, info) => {
    const response = await answer(req, info);
    if (lifecycle.draining) response.headers.set("connection", "close");
    return response;
  };

  let server: Deno.HttpServer;
  try {
    server = Deno.serve({
      hostname: config.HOST,
      port: config.PORT,
      automaticCompression: true,
      onListen: ({ hostname, port }) =>
        log.info("Listening on {hostname}:{port}.", { hostname, port }),
      onError: (error) => {
        // Events that are cut off at the end are no fault.
        if (!lifecycle.draining) log.error("{error}", { error: String(error) });
        return new Response("Internal server error", { status: 500 });
      },
    }, handler);
  } catch (error) {
    console.error(listenError(error, config));
    Deno.exit(1);
  }
  lifecycle.started = true;
  const leave = async (signal: string) => {
    if (lifecycle.draining) Deno.exit(130);
    lifecycle.draining = true;
    log.info("{signal}: leaving.", { signal });
    await delay(config.SHUTDOWN_DELAY_MS);
    close();
    await Promise.race([server.shutdown(), delay(FINISH_MS)]);
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGTERM", () => leave("SIGTERM"));
  Deno.addSignalListener("SIGINT", () => leave("SIGINT"));
}

/** The event stream of the reload stands outside of the application, which is the same in production. */
function withReload(
  answer: (req: Request, info: Deno.ServeHandlerInfo) => Promise<Response>,
): typeof answer {
  const reload = liveReload(lifecycle.closing);
  return async (req, info) => reload(req) ?? await answer(req, info);
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
