/**
 * The cluster of `KUBECONFIG`, as the checks use it.
 *
 * @module
 */

import { run } from "../helm/tools/fetch.ts";

/** Where the checks install; made and removed by them. */
export const NAMESPACE = "energy-check";

/** Runs `kubectl` in the namespace of the checks. */
export async function kubectl(...args: string[]): Promise<string> {
  return (await run("kubectl", ["--namespace", NAMESPACE, ...args])).trim();
}

/** Applies an object. */
export async function apply(object: unknown): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, JSON.stringify(object));
  await kubectl("apply", "-f", file);
  await Deno.remove(file);
}

/** The names of the pods of a service that are not on their way out. */
export async function pods(app: string): Promise<string[]> {
  const { items } = JSON.parse(
    await kubectl("get", "pods", "-l", `app=${app}`, "-o", "json"),
  );
  return items
    .filter((pod: { metadata: { deletionTimestamp?: string } }) =>
      !pod.metadata.deletionTimestamp
    )
    .map((pod: { metadata: { name: string } }) => pod.metadata.name);
}

/** Asks for a pod to be moved, as a node that is drained does; a budget may refuse. */
export async function evict(pod: string): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const metadata = { name: pod, namespace: NAMESPACE };
  await Deno.writeTextFile(
    file,
    JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata }),
  );
  await kubectl(
    "create",
    "--raw",
    `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`,
    "-f",
    file,
  );
  await Deno.remove(file);
}

/** Waits until all of a Deployment or StatefulSet is there and ready. */
export async function ready(...workloads: string[]): Promise<void> {
  for (const workload of workloads) {
    await kubectl("rollout", "status", workload, "--timeout=180s");
  }
}

/**
 * The address of a Service from outside, by its node port.
 *
 * @param service The Service.
 * @returns `http://node:port`.
 */
export async function address(service: string): Promise<string> {
  const node = await kubectl(
    "get",
    "nodes",
    "-o",
    "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}",
  );
  const port = await kubectl(
    "get",
    "service",
    service,
    "-o",
    "jsonpath={.spec.ports[0].nodePort}",
  );
  return `http://${node}:${port}`;
}
