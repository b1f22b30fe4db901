/**
 * The dashboard and the alerts ask for metrics that exist.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import type { Metric } from "prom-client";
import { parse } from "yaml";
import { createMetrics } from "../core/metrics.ts";
import { createIngestionMetrics } from "../ingestion/metrics.ts";
import { createProcessingMetrics } from "../processing/metrics.ts";

/** Every name that /metrics of the services has, with the endings of histograms. */
async function namesThatExist(): Promise<Set<string>> {
  const processing = createMetrics();
  createProcessingMetrics(processing);
  const ingestion = createIngestionMetrics();
  ingestion.showBacklog(() => 0);
  const metrics = [ingestion.registry, processing.registry]
    .flatMap((registry) => registry.getMetricsAsArray());
  const names = new Set(["up"]);
  for (const metric of metrics) {
    // What prom-client's types call the description of a metric is the metric.
    const { name, type } = await (metric as unknown as Metric<string>).get();
    // prom-client's enumeration or its word, depending on its version.
    const endings = String(type) === "histogram"
      ? ["_bucket", "_sum", "_count"]
      : [""];
    for (const ending of endings) names.add(name + ending);
  }
  return names;
}

const namesIn = (expression: string) =>
  expression.match(/\b(?:energy|process|redis)_\w+|\bup\b/g) ?? [];

async function expressions(): Promise<string[]> {
  const read = (path: string) =>
    Deno.readTextFile(new URL(path, import.meta.url));
  const { panels } = JSON.parse(await read("./grafana/energy.json"));
  const { groups } = parse(
    await read("./helm/energy-microservices/files/alerts.yaml"),
  );
  return [
    ...panels.flatMap((panel: { targets: { expr: string }[] }) => panel.targets)
      .map((target: { expr: string }) => target.expr),
    ...groups.flatMap((group: { rules: { expr: string }[] }) => group.rules)
      .map((rule: { expr: string }) => rule.expr),
  ];
}

Deno.test("every metric that the dashboard and the alerts ask for exists", async () => {
  const exist = await namesThatExist();
  const asked = (await expressions()).map((expression) => {
    const names = namesIn(expression);
    ok(names.length > 0, `no metric in ${expression}`);
    return names;
  }).flat();
  equal(asked.filter((name) => !exist.has(name)), []);
});

Deno.test("each panel's place is its own", async () => {
  const { panels } = JSON.parse(
    await Deno.readTextFile(new URL("./grafana/energy.json", import.meta.url)),
  );
  const places = panels.map((
    { gridPos }: { gridPos: { x: number; y: number } },
  ) => `${gridPos.x},${gridPos.y}`);
  equal(new Set(places).size, places.length);
});
