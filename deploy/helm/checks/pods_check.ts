/**
 * What every pod is and may do.
 *
 * @module
 */

import { deepStrictEqual as equal, notEqual, ok, rejects } from "node:assert";
import { chart, type Manifest, pick, template } from "../tools/helm.ts";
import { valueSets } from "./value_sets.ts";

/** The pods of the objects, by name. */
function pods(objects: Manifest[]) {
  return objects.flatMap((object) =>
    object.kind === "Pod"
      ? [[object.metadata.name, object.spec] as const]
      : object.spec?.template
      ? [[object.metadata.name, object.spec.template.spec] as const]
      : []
  );
}

Deno.test("every pod passes Pod Security restricted and holds no token", async () => {
  for (
    const [name, pod] of pods(await template(...valueSets["everything on"]))
  ) {
    equal(pod.securityContext.runAsNonRoot, true, name);
    equal(pod.securityContext.seccompProfile, { type: "RuntimeDefault" }, name);
    equal(pod.automountServiceAccountToken, false, name);
    for (const container of pod.containers) {
      equal(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      }, container.name);
      ok(
        container.resources.requests.cpu && container.resources.limits.memory,
        container.name,
      );
    }
  }
});

Deno.test("no pod gets variables from Services, which would overwrite REDIS_PORT", async () => {
  for (const [name, pod] of pods(await template())) {
    equal(pod.enableServiceLinks, false, name);
  }
});

Deno.test("the services drain by themselves: no preStop, and time to finish", async () => {
  for (const name of ["ingestion-api", "processing-service", "frontend"]) {
    const { spec } = pick(await template(), "Deployment", name);
    const [container] = spec.template.spec.containers;
    equal(container.lifecycle, undefined);
    ok(spec.template.spec.terminationGracePeriodSeconds >= 20);
    equal(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
    equal(container.livenessProbe.httpGet.path, "/livez");
    equal(container.readinessProbe.httpGet.path, "/readyz");
    equal(spec.template.metadata.labels.app, name);
  }
});

Deno.test("a changed setting restarts the pods, a new version of the chart alone does not", async () => {
  const sum = async (...args: string[]) =>
    pick(await template(...args), "Deployment", "ingestion-api").spec.template
      .metadata.annotations["checksum/config"];
  notEqual(
    await sum("--set", "ingestionApi.config.MAX_BACKLOG=5"),
    await sum(),
  );
  equal(
    await sum("--set", "processingService.config.BATCH_SIZE=5"),
    await sum(),
  );
  const { template: pod } =
    pick(await template(), "Deployment", "ingestion-api").spec;
  equal(pod.metadata.labels["helm.sh/chart"], undefined);
});

Deno.test("a large number in config is written out", async () => {
  const config = pick(
    await template(...valueSets["everything on"]),
    "ConfigMap",
    "ingestion-api",
  );
  equal(config.data!.MAX_BACKLOG, "2000000");
});

Deno.test("Redis refuses rather than forgets, writes before it answers, and has half its memory free", async () => {
  const [redis] =
    pick(await template(), "StatefulSet", "redis-master").spec.template.spec
      .containers;
  const setting = (name: string) =>
    redis.args[redis.args.indexOf(`--${name}`) + 1];
  equal(setting("appendonly"), "yes");
  equal(setting("appendfsync"), "always");
  equal(setting("maxmemory-policy"), "noeviction");
  equal(setting("maxmemory"), "512mb");
  equal(setting("list-compress-depth"), "1");
  equal(redis.resources.limits.memory, "1Gi");
  const { securityContext } =
    pick(await template(), "StatefulSet", "redis-master").spec.template.spec;
  equal([
    securityContext.runAsUser,
    securityContext.runAsGroup,
    securityContext.fsGroup,
  ], [999, 1000, 1000]);
});

Deno.test("Redis is started by what puts the end of its file in order, on its volume or without", async () => {
  const script = await Deno.readTextFile(`${chart}/files/redis-start.sh`);
  for (const persistence of ["true", "false"]) {
    const objects = await template(
      "--set",
      `redis.persistence.enabled=${persistence}`,
    );
    const { containers: [redis], volumes } =
      pick(objects, "StatefulSet", "redis-master").spec.template.spec;
    equal(redis.args.slice(0, 4), [
      "sh",
      "/start/redis-start.sh",
      "/data/appendonlydir",
      "redis-server",
    ]);
    equal(
      redis.volumeMounts.find((each: { name: string }) => each.name === "start")
        .mountPath,
      "/start",
    );
    equal(
      volumes.find((each: { name: string }) => each.name === "start").configMap,
      { name: "redis-start" },
    );
    equal(
      pick(objects, "ConfigMap", "redis-start").data!["redis-start.sh"],
      script,
    );
  }
});

Deno.test("Redis's password is kept by lookup, survives the release, and restarts nobody", async () => {
  const objects = await template();
  const secret = pick(objects, "Secret", "redis-auth");
  equal(secret.metadata.annotations["helm.sh/resource-policy"], "keep");
  const again = pick(await template(), "Secret", "redis-auth");
  notEqual(
    JSON.stringify(secret),
    JSON.stringify(again),
    "without a cluster it is made anew each time",
  );
  const annotations =
    pick(objects, "StatefulSet", "redis-master").spec.template.metadata
      .annotations;
  equal(annotations, undefined);
});

Deno.test("an existing Secret is used and none is made", async () => {
  const objects = await template("--set", "global.redis.existingSecret=mine");
  equal(objects.filter((object) => object.kind === "Secret"), []);
  for (const name of ["ingestion-api", "processing-service"]) {
    const [container] =
      pick(objects, "Deployment", name).spec.template.spec.containers;
    equal(container.env[0].valueFrom.secretKeyRef, {
      name: "mine",
      key: "redis-password",
    });
  }
});

Deno.test("API keys are a file, so that a change needs no restart", async () => {
  const objects = await template(...valueSets["API keys"]);
  const { volumes, containers: [container] } =
    pick(objects, "Deployment", "ingestion-api").spec.template.spec;
  equal(volumes[0].secret.secretName, "energy-api-keys");
  ok(
    pick(objects, "ConfigMap", "ingestion-api").data!.API_KEYS_FILE.startsWith(
      container.volumeMounts[0].mountPath,
    ),
  );
  equal(
    pick(objects, "Secret", "energy-api-keys").stringData!["api-keys"].trim()
      .split("\n").length,
    2,
  );
});

Deno.test("values that do not go together are refused, with what to do", async () => {
  const refused: [string, RegExp][] = [
    ["redis.enabled=false", /set global\.redis\.host/],
    ["global.redis.host=other", /set redis\.enabled=false/],
    ["global.redis.tls.enabled=true", /redis\.enabled=false/],
    [
      `auth.apiKeys={a:${"0".repeat(64)}:read}`,
      /frontend\.apiKey\.existingSecret/,
    ],
    ["auth.apiKeys={secret}", /apiKeys/],
    ["ingress.enabled=true", /ingress\.hosts/],
    ["ingestionApi.replicas=2", /replicas/],
    ["ingestionApi.config.REDIS_HOST=x", /REDIS_HOST/],
    ["redis.appendfsync=no", /appendfsync/],
    ["redis.listCompressDepth=-1", /listCompressDepth/],
  ];
  for (const [value, reason] of refused) {
    await rejects(template("--set", value), reason, value);
  }
});
