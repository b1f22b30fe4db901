/**
 * The ingestion service: HTTP in, stream out.
 *
 * `POST /readings` is routed in `app.ts`; `take_batch.ts` (or `take_upload.ts`) reads and checks the body;
 * `publish.ts` writes to the stream.
 *
 * @module
 */

import { createAuth, logReload } from "../core/auth.ts";
import { configFromCli } from "../core/cli.ts";
import { createLifecycle, startWhenConnected } from "../core/lifecycle.ts";
import { createLog } from "../core/log.ts";
import { warnOfMemoryPolicy } from "../core/memory_policy.ts";
import { connectRedis } from "../core/redis.ts";
import { serve } from "../core/server.ts";
import { keepWire } from "../core/wire.ts";
import { ABOUT, createIngestion, SERVICE } from "./app.ts";
import { watchBacklog } from "./backlog.ts";
import { ingestionSettings } from "./config.ts";
import { createHeldBodies } from "./held_bodies.ts";
import { createIngestionMetrics } from "./metrics.ts";
import { createPublisher } from "./publish.ts";

const config = await configFromCli(SERVICE, ABOUT, ingestionSettings);
const log = await createLog(SERVICE, config);
const redis = connectRedis(config, { name: SERVICE }, log);
warnOfMemoryPolicy(redis, log);
const auth = createAuth(config, logReload(log));
if (!auth.closed) {
  log.warning("No API_KEYS are set: everyone may send readings.");
}
const metrics = createIngestionMetrics();
const closing = new AbortController();
const lifecycle = createLifecycle(closing.signal);
const streamRedis = connectRedis(config, {
  name: "ingestion-stream",
  blocking: true,
});
const wire = keepWire(streamRedis, config.REDIS_TIMEOUT_MS, log);
const publisher = createPublisher(wire, metrics);
const backlog = watchBacklog({
  redis: wire,
  publisher,
  log,
  max: config.MAX_BACKLOG,
  onSample: startWhenConnected(lifecycle, [redis]),
});
metrics.showBacklog(() => backlog.readings);
const app = createIngestion({
  config,
  log,
  redis,
  wire,
  auth,
  metrics,
  lifecycle,
  publisher,
  backlog,
  bodies: createHeldBodies(),
});
serve({
  config,
  app,
  lifecycle,
  close: () => closing.abort(),
  log,
  stop: async () => {
    backlog.stop();
    auth.stop();
    streamRedis.disconnect();
    if (redis.status === "ready") await redis.quit();
    else redis.disconnect();
  },
});
