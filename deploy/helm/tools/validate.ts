/**
 * Checks objects against the schemas of Kubernetes, KEDA, the Gateway API and the Prometheus operator.
 *
 * @module
 */

import type { Manifest } from "./helm.ts";

/** The packages with the schemas, by the group that an apiVersion names. */
const PACKAGES: [pattern: RegExp, specifier: string][] = [
  [/^keda\.sh\//, "npm:@kubernetes-models/keda@2.0.0"],
  [
    /^gateway\.networking\.k8s\.io\//,
    "npm:@kubernetes-models/gateway-api@2.0.0",
  ],
  [
    /^monitoring\.coreos\.com\//,
    "npm:@kubernetes-models/prometheus-operator@6.0.0",
  ],
  [/^(v1|[a-z]+\/v\d+|[a-z.]+\.k8s\.io\/v\d+)$/, "npm:kubernetes-models@5.1.0"],
];

/**
 * Checks an object: by its schema, and for fields that the schema does not know.
 *
 * @param object The object.
 * @returns What is wrong with it, a line each.
 */
export async function validate(object: Manifest): Promise<string[]> {
  const name = `${object.kind} ${object.metadata?.name}`;
  const found = PACKAGES.find(([pattern]) => pattern.test(object.apiVersion));
  if (found === undefined) {
    return [`${name}: no schema for ${object.apiVersion}`];
  }
  let model: { prototype: { validate(): void } };
  try {
    // The specifier is put together here, so that the type checker does not look for the package.
    const module = await import(
      `${found[1]}/${object.apiVersion}/${object.kind}`
    );
    model = module[object.kind];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
  const problems: string[] = [];
  const read = new Set<string>();
  try {
    model.prototype.validate.call(watched(object, "", read));
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`);
  }
  for (const path of paths(object, "")) {
    if (!read.has(path)) {
      problems.push(`${name}: ${path} is not a field that the schema knows`);
    }
  }
  return problems;
}

/**
 * The same data, noting what is read of it. The validators read each field that they know and pass over all others,
 * as the API server does unless it is asked to be strict: a field that nobody read is a field that nobody knows.
 */
function watched<T>(data: T, path: string, read: Set<string>): T {
  if (typeof data !== "object" || data === null) return data;
  return new Proxy(data, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return value;
      read.add(`${path}/${key}`);
      return watched(value, `${path}/${key}`, read);
    },
  });
}

/** The path of every field. */
function* paths(data: unknown, path: string): Generator<string> {
  if (typeof data !== "object" || data === null) return;
  for (const [key, value] of Object.entries(data)) {
    yield `${path}/${key}`;
    yield* paths(value, `${path}/${key}`);
  }
}
