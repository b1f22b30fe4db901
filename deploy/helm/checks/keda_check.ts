/**
 * How processing is scaled.
 *
 * @module
 */

import { deepStrictEqual as equal, rejects } from "node:assert";
import { pick, template } from "../tools/helm.ts";
import { valueSets } from "./value_sets.ts";

Deno.test("replicas are in the Deployment only while nobody else owns them", async () => {
  const plain = await template();
  equal(pick(plain, "Deployment", "processing-service").spec.replicas, 1);
  equal(pick(plain, "Deployment", "ingestion-api").spec.replicas, 1);
  const scaled = await template(
    "--set",
    "keda.enabled=true,ingestionApi.autoscaling.enabled=true",
  );
  equal(
    "replicas" in pick(scaled, "Deployment", "processing-service").spec,
    false,
  );
  equal("replicas" in pick(scaled, "Deployment", "ingestion-api").spec, false);
  equal(pick(scaled, "Deployment", "frontend").spec.replicas, 1);
});

Deno.test("the work not done is pending and lag together, against the threshold", async () => {
  const { spec } = pick(
    await template(...valueSets["KEDA"]),
    "ScaledObject",
    "processing-service",
  );
  equal(spec.advanced.scalingModifiers, {
    formula: "pending + lag",
    target: "7",
    activationTarget: "0",
    metricType: "AverageValue",
  });
  equal(spec.minReplicaCount, 1);
  equal(spec.maxReplicaCount, 4);
  equal(spec.fallback, undefined);
  equal(spec.triggers.map((trigger: { name: string }) => trigger.name).sort(), [
    "lag",
    "pending",
  ]);
  for (const { name, type, metadata } of spec.triggers) {
    equal(type, "redis-streams");
    // With both counts in one trigger, lag silently wins.
    equal(metadata, {
      address: "redis-master.energy-system.svc:6379",
      stream: "energy_readings",
      consumerGroup: "processing_group",
      [name === "lag" ? "lagCount" : "pendingEntriesCount"]: "7",
    });
  }
});

Deno.test("KEDA signs in with the Secret that the services use", async () => {
  const objects = await template(...valueSets["KEDA"]);
  const { spec } = pick(objects, "ScaledObject", "processing-service");
  equal(
    spec.triggers.map((trigger: { authenticationRef: unknown }) =>
      trigger.authenticationRef
    ),
    [
      { name: "redis" },
      { name: "redis" },
    ],
  );
  equal(pick(objects, "TriggerAuthentication", "redis").spec.secretTargetRef, [
    { parameter: "password", name: "redis-auth", key: "redis-password" },
  ]);
});

Deno.test("a Redis with TLS is asked with TLS, its authority and its user", async () => {
  const objects = await template(...valueSets["a managed Redis with TLS"]);
  const { spec } = pick(objects, "ScaledObject", "processing-service");
  equal(spec.triggers[0].metadata.enableTLS, "true");
  equal(spec.triggers[0].metadata.username, "energy");
  equal(spec.triggers[0].metadata.address, "cache.example.com:6380");
  equal(
    pick(objects, "TriggerAuthentication", "redis").spec.secretTargetRef.at(-1),
    {
      parameter: "ca",
      name: "cache-ca",
      key: "ca.crt",
    },
  );
});

Deno.test("Sentinels have a trigger of their own, and addresses with the namespace", async () => {
  const objects = await template(...valueSets["Sentinel"]);
  const { triggers } = pick(objects, "ScaledObject", "processing-service").spec;
  equal(triggers[0].type, "redis-sentinel-streams");
  equal(
    triggers[0].metadata.addresses,
    "sentinel-0.redis:26379,sentinel-1.redis:26379,sentinel.energy-system.svc:26379",
  );
  equal(triggers[0].metadata.sentinelMaster, "mymaster");
});

Deno.test("a threshold that is no whole number, or zero replicas, are refused", async () => {
  for (
    const value of [
      "threshold=0",
      "threshold=2.5",
      "minReplicaCount=0",
      "maxReplicaCount=0",
      "minReplicaCount=11",
    ]
  ) {
    await rejects(
      template("--set", `keda.enabled=true,keda.scaledObject.${value}`),
      /Replica|threshold/,
      value,
    );
  }
});

Deno.test("the operator may reach Redis through the NetworkPolicy only when KEDA is on", async () => {
  const sources = async (...args: string[]) =>
    pick(await template(...args), "NetworkPolicy", "redis-master").spec
      .ingress[0].from
      .map((from: { podSelector: { matchLabels: { app: string } } }) =>
        from.podSelector.matchLabels.app
      );
  equal(await sources(), ["ingestion-api", "processing-service"]);
  equal(await sources("--set", "keda.enabled=true"), [
    "ingestion-api",
    "processing-service",
    "keda-operator",
  ]);
});
