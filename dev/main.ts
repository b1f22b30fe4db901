/**
 * `deno task dev`: runs everything on this machine, Redis included, until Ctrl-C.
 *
 * @module
 */

import { complain, overview, print, printerFor } from "./console.ts";
import { HELP, type Options, parseOptions } from "./help.ts";
import { ROOT } from "./paths.ts";
import { complaintsAbout, portFromEnv } from "./ports.ts";
import { runRedis } from "./redis/run.ts";
import { localUrl, superviseService } from "./services.ts";
import { aborted, askedToStop } from "./stop.ts";
import type { Supervised } from "./supervisor.ts";
import { watchSources } from "./watch.ts";

if (import.meta.main) {
  const options = readOptions();
  const stop = askedToStop();
  try {
    await main(options, stop);
  } catch (error) {
    // What it was stopped in says no more than that.
    if (error === stop.reason) Deno.exit(0);
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
  Deno.exit(0);
}

async function main(options: Options, stop: AbortSignal): Promise<void> {
  const hasWeb = await exists(`${ROOT}/web/serve.ts`);
  const ingestion = portFromEnv("INGESTION_PORT", 8000);
  const processing = portFromEnv("PROCESSING_PORT", 8001);
  const web = portFromEnv("WEB_PORT", 3000);
  const ports = [ingestion, processing, ...(hasWeb ? [web] : [])];
  const complaints = complaintsAbout(
    ports,
    Deno.env.get("HOST") || "0.0.0.0",
  );
  if (complaints.length > 0) throw new Error(complaints.join("\n"));

  // Disposed of from the last to the first, whatever ends this function: the youngest goes first, Redis last.
  await using started = new AsyncDisposableStack();
  const redis = await runRedis(
    `${options.dataDir}/redis`,
    ports.map(({ port }) => port),
    printerFor("redis"),
    stop,
  );
  started.use(redis);
  stop.throwIfAborted();

  const urls = {
    INGESTION_URL: localUrl(ingestion),
    PROCESSING_URL: localUrl(processing),
  };
  const wanted = [
    { name: "ingestion", env: redis.env, port: ingestion },
    { name: "processing", env: redis.env, port: processing },
    ...(hasWeb ? [{ name: "web", env: urls, port: web }] : []),
    ...(options.simulator ? [{ name: "simulator", env: urls }] : []),
  ];
  const services = new Map<string, Supervised>();
  for (const service of wanted) {
    services.set(service.name, started.use(await superviseService(service)));
  }
  started.defer(watchSources(ROOT, ({ service, path }) => {
    services.get(service)?.restart(`${path} changed`);
  }));

  const allReady = Promise.all([...services.values()].map((it) => it.ready));
  if (await Promise.race([aborted(stop), allReady]) !== "aborted") {
    const rows: [string, string][] = [
      ...(hasWeb ? [["Dashboard", localUrl(web)] as [string, string]] : []),
      ["Ingestion", `${urls.INGESTION_URL}/docs`],
      ["Processing", `${urls.PROCESSING_URL}/docs`],
      ["Redis", redis.shown],
    ];
    const closed = ["API_KEYS", "API_KEYS_FILE"].some((it) => Deno.env.get(it));
    print(overview(rows, urls.INGESTION_URL, closed));
    await aborted(stop);
  }
  print("Stopping");
}

function readOptions(): Options {
  try {
    const options = parseOptions(Deno.args);
    if (!options.help) return options;
    print(HELP);
    Deno.exit(0);
  } catch (error) {
    complain(`dev: ${(error as Error).message}`);
    Deno.exit(2);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
