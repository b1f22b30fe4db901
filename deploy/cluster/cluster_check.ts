/**
 * `deno task test:cluster`: installs the chart on the cluster of `KUBECONFIG`, into a namespace of its own in which
 * Pod Security "restricted" is enforced, and does to it what happens to it: upgrades, evictions, kills, reinstallation.
 *
 * The images must be there. Node ports must be reachable. A cluster without a StorageClass needs `HOST_PATH`: a folder of
 * the node, for a volume.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import { until } from "../docker/engine.ts";
import { chart, helm } from "../helm/tools/helm.ts";
import { load, type LoadResult } from "../load/load.ts";
import {
  address,
  apply,
  evict,
  kubectl,
  NAMESPACE,
  pods,
  ready,
} from "./kubectl.ts";

const DEPLOYMENTS = ["ingestion-api", "processing-service", "frontend"];
const WORKLOADS = [
  ...DEPLOYMENTS.map((name) => `deployment/${name}`),
  "statefulset/redis-master",
];
const VALUES = [
  "ingestionApi.service.type=NodePort",
  "processingService.service.type=NodePort",
  "redis.persistence.size=1Gi",
];

Deno.test("the chart on a cluster", async (t) => {
  const hostPath = Deno.env.get("HOST_PATH");
  await clean();
  /** What comes after a step that failed would only fail too. */
  const step = async (name: string, work: () => Promise<unknown>) => {
    if (!await t.step(name, async () => void await work())) {
      throw new Error(`not: ${name}`);
    }
  };
  try {
    await step(
      "installs from its defaults where Pod Security restricted is enforced",
      async () => {
        await apply({
          apiVersion: "v1",
          kind: "Namespace",
          metadata: {
            name: NAMESPACE,
            labels: { "pod-security.kubernetes.io/enforce": "restricted" },
          },
        });
        if (hostPath) await apply(await volume(hostPath));
        const started = Date.now();
        await install();
        console.log(
          `  installed in ${((Date.now() - started) / 1000).toFixed(1)} s`,
        );
      },
    );
    await step("helm test passes", helmTest);
    await step("the API server knows every field", async () => {
      const file = await Deno.makeTempFile({ suffix: ".yaml" });
      const args = ["get", "manifest", "energy", "--namespace", NAMESPACE];
      await Deno.writeTextFile(file, await helm(...args));
      await kubectl(
        "apply",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        file,
      );
    });
    await step(
      "an upgrade of all three under 500 requests a second fails none",
      async () => {
        const result = await during("upgrade", 500, () =>
          install(
            "ingestionApi.config.LOG_LEVEL=warning",
            "processingService.config.LOG_LEVEL=warning",
            "frontend.config.LOG_LEVEL=warning",
          ));
        equal(result.failed, {});
      },
    );
    await step(
      "every pod can be moved, one after the other, and no request fails",
      async () => {
        const result = await during("evict", 100, async () => {
          for (const name of DEPLOYMENTS) {
            await kubectl("scale", `deployment/${name}`, "--replicas=2");
            await ready(`deployment/${name}`);
            for (const pod of await pods(name)) {
              await evict(pod);
              await ready(`deployment/${name}`);
            }
            await kubectl("scale", `deployment/${name}`, "--replicas=1");
          }
        });
        equal(result.failed, {});
      },
    );
    for (
      const name of ["processing-service", "ingestion-api", "redis-master"]
    ) {
      await step(
        `when ${name} is killed, what was accepted is stored once`,
        async () => {
          const result = await during(`kill-${name}`, 500, async () => {
            const [pod] = await pods(name);
            await kubectl("delete", "pod", pod, "--force", "--grace-period=0");
            await until(async () =>
              (await pods(name)).some((each) =>
                each !== pod || name === "redis-master"
              )
            );
            await ready(...WORKLOADS);
          });
          if (name === "processing-service") equal(result.failed, {});
        },
      );
    }
    await step(
      "a full Redis is answered with 503, and what was accepted is stored",
      async () => {
        const result = await during("full", 100, async () => {
          // Less than Redis itself takes: no trimming of the stream makes room.
          await redis("config", "set", "maxmemory", "100kb");
          await new Promise((resolve) => setTimeout(resolve, 5000));
          await redis("config", "set", "maxmemory", "512mb");
        });
        equal(Object.keys(result.failed), ["503"]);
      },
    );
    await step(
      "uninstalled and installed again, it has its data and its password",
      async () => {
        const before = await count("upgrade");
        ok(before > 0);
        await helm("uninstall", "energy", "--namespace", NAMESPACE, "--wait");
        await install();
        await helmTest();
        equal(await count("upgrade"), before);
      },
    );
  } finally {
    if (!Deno.env.get("KEEP")) await clean();
  }
});

async function install(...values: string[]): Promise<void> {
  const set = [...VALUES, ...values].flatMap((value) => ["--set", value]);
  const wait = ["--wait", "--timeout=4m"];
  await helm(
    "upgrade",
    "--install",
    "energy",
    chart,
    "--namespace",
    NAMESPACE,
    ...wait,
    ...set,
  );
}

async function helmTest(): Promise<void> {
  const output = await helm(
    "test",
    "energy",
    "--namespace",
    NAMESPACE,
    "--timeout=2m",
  );
  ok(output.includes("Succeeded"), output);
}

/** Runs something under load, then says of every accepted reading that it is stored exactly once. */
async function during(
  site: string,
  rate: number,
  work: () => Promise<unknown>,
): Promise<LoadResult> {
  const stop = new AbortController();
  const url = await address("ingestion-api");
  const running = load({ url, site, rate, batch: 1, signal: stop.signal });
  try {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await work();
    // The old pods drain for three seconds: the load goes on until they are gone.
    await new Promise((resolve) => setTimeout(resolve, 6000));
  } finally {
    stop.abort();
  }
  const result = await running;
  await storedOnce(site, result.accepted);
  console.log(
    `  ${site}: ${result.accepted.length} accepted, each stored once; failed ${
      JSON.stringify(result.failed)
    }; p99 ${result.p99} ms`,
  );
  return result;
}

async function storedOnce(site: string, accepted: string[]): Promise<void> {
  await until(async () => (await count(site)) >= accepted.length, 60_000);
  // What is still to come twice, or was answered with an error and yet taken, comes within a moment.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const times = new Map<string, number>();
  for (const device of await devices(site)) {
    times.set(device, (times.get(device) ?? 0) + 1);
  }
  equal(accepted.filter((device) => times.get(device) !== 1), []);
  equal([...times.values()].filter((each) => each !== 1), []);
}

async function redis(...args: string[]): Promise<string> {
  return await kubectl("exec", "redis-master-0", "--", "redis-cli", ...args);
}

async function count(site: string): Promise<number> {
  return (await devices(site)).length;
}

async function devices(site: string): Promise<string[]> {
  const response = await fetch(
    `${await address("processing-service")}/sites/${site}/readings`,
  );
  const { readings } = await response.json();
  return readings.map((reading: { device_id: string }) => reading.device_id);
}

/** A volume for Redis on the node itself; its folder belongs to Redis's user. */
async function volume(path: string) {
  await Deno.mkdir(path, { recursive: true });
  await Deno.chown(path, 999, 1000);
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: NAMESPACE },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path },
      claimRef: { namespace: NAMESPACE, name: "data-redis-master-0" },
    },
  };
}

async function clean(): Promise<void> {
  await kubectl(
    "delete",
    "namespace",
    NAMESPACE,
    "--ignore-not-found",
    "--wait",
  );
  await kubectl(
    "delete",
    "persistentvolume",
    NAMESPACE,
    "--ignore-not-found",
    "--wait",
  );
}
