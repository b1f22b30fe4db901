/**
 * The chart takes exactly the settings that the services have.
 *
 * @module
 */

import { deepStrictEqual as equal } from "node:assert";
import { ingestionSettings } from "../ingestion/config.ts";
import { processingSettings } from "../processing/config.ts";

/** What the chart sets by values of its own. */
const SET_BY_CHART = new Set([
  "PORT",
  "HOST",
  "LOG_FORMAT",
  "SHUTDOWN_DELAY_MS",
  "API_KEYS",
  "API_KEYS_FILE",
  "REDIS_HOST",
  "REDIS_PORT",
  "REDIS_URL",
  "REDIS_USERNAME",
  "REDIS_PASSWORD",
  "REDIS_TLS",
  "REDIS_CA_FILE",
  "REDIS_SENTINELS",
  "REDIS_SENTINEL_NAME",
  "REDIS_SENTINEL_PASSWORD",
]);

const schema = JSON.parse(
  await Deno.readTextFile(
    new URL("./helm/energy-microservices/values.schema.json", import.meta.url),
  ),
);

for (
  const [value, settings] of [
    ["ingestionApi", ingestionSettings],
    ["processingService", processingSettings],
  ] as const
) {
  Deno.test(`${value}.config takes every setting of the service and no other`, () => {
    const taken = schema.properties[value].properties.config.propertyNames.enum;
    const are = Object.keys(settings.shape).filter((name) =>
      !SET_BY_CHART.has(name)
    );
    equal(taken.toSorted(), are.toSorted());
  });
}
