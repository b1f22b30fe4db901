/**
 * The sets of values that the chart is rendered with: each a way in which it is used.
 *
 * @module
 */

import { chart } from "../tools/helm.ts";

const set = (...pairs: string[]) => pairs.flatMap((pair) => ["--set", pair]);

/** Arguments of `helm template`, by what they stand for. */
export const valueSets: Record<string, string[]> = {
  "defaults": [],
  "kind": ["--values", `${chart}/values-kind.yaml`],
  "production": ["--values", `${chart}/values-production.yaml`],
  "KEDA": set(
    "keda.enabled=true",
    "keda.scaledObject.threshold=7",
    "keda.scaledObject.maxReplicaCount=4",
  ),
  "a managed Redis with TLS": set(
    "keda.enabled=true",
    "redis.enabled=false",
    "global.redis.host=cache.example.com",
    "global.redis.port=6380",
    "global.redis.username=energy",
    "global.redis.existingSecret=cache",
    "global.redis.tls.enabled=true",
    "global.redis.tls.caSecret=cache-ca",
  ),
  "TLS by the system's authorities, no password": set(
    "keda.enabled=true",
    "redis.enabled=false",
    "global.redis.host=cache.example.com",
    "global.redis.tls.enabled=true",
  ),
  "Sentinel": set(
    "keda.enabled=true",
    "redis.enabled=false",
    "global.redis.sentinel.nodes={sentinel-0.redis:26379,sentinel-1.redis:26379,sentinel:26379}",
    "global.redis.sentinel.existingSecret=sentinel",
    "global.redis.existingSecret=redis",
  ),
  "API keys": set(
    `auth.apiKeys={gateway:${"0".repeat(64)}:write,dashboard:${
      "1".repeat(64)
    }:admin}`,
    "frontend.apiKey.existingSecret=dashboard-key",
  ),
  "everything on": set(
    "keda.enabled=true",
    "ingestionApi.autoscaling.enabled=true",
    "redis.exporter.enabled=true",
    "metrics.serviceMonitor.enabled=true",
    "metrics.serviceMonitor.labels.release=prometheus",
    "metrics.prometheusRule.enabled=true",
    "ingress.enabled=true",
    "ingress.className=nginx",
    "ingress.hosts.frontend=energy.example.com",
    "ingress.hosts.ingestionApi=ingest.example.com",
    "ingress.hosts.processingService=api.example.com",
    "ingress.tls[0].secretName=tls",
    "ingress.tls[0].hosts={energy.example.com}",
    "httpRoute.enabled=true",
    "httpRoute.parentRefs[0].name=gateway",
    "httpRoute.hosts.frontend=energy.example.com",
    "httpRoute.hosts.ingestionApi=ingest.example.com",
    "global.imagePullSecrets={registry}",
    "global.imageRegistry=registry.example.com/energy/",
    "ingestionApi.config.MAX_BACKLOG=2000000",
    "ingestionApi.podAnnotations.note=yes",
    "processingService.nodeSelector.disk=ssd",
    "processingService.priorityClassName=high",
    "redis.persistence.storageClass=fast",
  ),
  "everything off": set(
    "frontend.enabled=false",
    "redis.persistence.enabled=false",
    "podDisruptionBudget.enabled=false",
    "networkPolicy.enabled=false",
  ),
};
