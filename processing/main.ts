/**
 * Processing: stream in, per-site store, HTTP out.
 *
 * @module
 */

import { createAuth, logReload } from "../core/auth.ts";
import { configFromCli } from "../core/cli.ts";
import { createLifecycle } from "../core/lifecycle.ts";
import { createLog } from "../core/log.ts";
import { warnOfMemoryPolicy } from "../core/memory_policy.ts";
import { createMetrics } from "../core/metrics.ts";
import { connectRedis } from "../core/redis.ts";
import { serve } from "../core/server.ts";
import { createProcessing } from "./app.ts";
import { processingSettings } from "./config.ts";
import { startConsumer } from "./consumer.ts";
import { createProcessingMetrics } from "./metrics.ts";
import { retentionRounds } from "./retention.ts";
import { startRounds } from "./rounds.ts";
import { sizeRounds } from "./site_sizes.ts";
import { startRoller } from "./roller.ts";
import { createSubscriber } from "./subscriber.ts";

const config = await configFromCli(
  "processing",
  "stores readings per site and serves them",
  processingSettings,
);
const log = await createLog("processing-service", config);
const closing = new AbortController();
const lifecycle = createLifecycle(closing.signal);
const metrics = createMetrics();
const counts = createProcessingMetrics(metrics);
const auth = createAuth(config, logReload(log));
if (!auth.closed) {
  log.warning(
    "No API key is set: everyone who can reach this port may read and administer.",
  );
}

const name = `${Deno.hostname()}-${Deno.pid}-${
  crypto.randomUUID().slice(0, 8)
}`;
const redis = connectRedis(config, { name: "processing" }, log);
warnOfMemoryPolicy(redis, log);
const groupRedis = connectRedis(config, {
  name: "processing-group",
  blocking: true,
});
const listener = connectRedis(config, { name: "processing-listener" });

const consumer = startConsumer({
  redis,
  groupRedis,
  config,
  name,
  log,
  metrics: counts,
  onReady: () => lifecycle.started = true,
});
const retention = retentionRounds(
  redis,
  config,
  (count) => counts.removed.inc(count),
);
const stopRounds = [retention, sizeRounds(redis)].filter((rounds) =>
  rounds !== undefined
)
  .map((rounds) => startRounds(redis, rounds, log));
const roller = startRoller({
  redis,
  maxGapMs: config.MAX_GAP,
  name,
  busy: consumer.busy,
  log,
  metrics: counts,
});
const app = createProcessing({
  redis,
  subscriber: createSubscriber(listener),
  auth,
  log,
  metrics,
  counts,
  lifecycle,
  maxGapMs: config.MAX_GAP,
  health: () => ({ consumer: name, blocked_sites: consumer.blockedSites() }),
});

serve({
  config,
  app,
  lifecycle,
  log,
  close: () => closing.abort(),
  stop: async () => {
    await Promise.all([
      consumer.stop(),
      roller.stop(),
      ...stopRounds.map((stop) => stop()),
    ]);
    for (const connection of [redis, groupRedis, listener]) {
      connection.disconnect();
    }
  },
});
