/**
 * `deno task manifests`: the chart rendered to `deploy/manifests/`, for `kubectl apply -f`.
 *
 * @module
 */

import { stringify } from "yaml";
import { root } from "./fetch.ts";
import { type Manifest, template } from "./helm.ts";

/** Where the files are. */
export const folder = `${root}deploy/manifests`;

/** No cluster can be asked for the password that is there, so it comes from a Secret made beforehand. */
const ARGUMENTS = ["--set", "global.redis.existingSecret=redis-auth"];

const HEAD =
  "# Rendered from deploy/helm/energy-microservices by `deno task manifests`: change the chart, not this.\n";

/**
 * Renders the files: one for each service, one for Redis, one for what they share.
 *
 * @returns Their contents by name.
 */
export async function manifests(): Promise<Record<string, string>> {
  const objects = (await template(...ARGUMENTS)).filter((object) =>
    !object.metadata.annotations?.["helm.sh/hook"]
  );
  const files: Record<string, string> = {};
  for (const object of objects) {
    const app = object.metadata.labels.app;
    // The order in which kubectl reads the files is that of their names.
    const file = app === "energy-microservices"
      ? "00-shared.yaml"
      : `10-${app}.yaml`;
    files[file] ??= HEAD;
    // YAML 1.1 is what kubectl reads: there a plain yes is true.
    const text = stringify(plain(object), {
      version: "1.1",
      lineWidth: 0,
      aliasDuplicateObjects: false,
    });
    files[file] += `---\n${text}`;
  }
  return files;
}

/** Without what only Helm needs, which would say that Helm manages it. */
function plain(object: Manifest): Manifest {
  const {
    "helm.sh/chart": _chart,
    "app.kubernetes.io/managed-by": _by,
    ...labels
  } = object.metadata.labels;
  return { ...object, metadata: { ...object.metadata, labels } };
}

if (import.meta.main) {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".yaml")) await Deno.remove(`${folder}/${name}`);
  }
  for (const [name, text] of Object.entries(await manifests())) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    console.log(`deploy/manifests/${name}`);
  }
}
