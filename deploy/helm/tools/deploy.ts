/**
 * `deno task deploy`: installs or upgrades the chart on the cluster of `KUBECONFIG`, and runs its test.
 *
 *     deno task deploy --registry=ghcr.io/owner/repository/ --tag=1.2.3
 *
 * In a workflow the kubeconfig comes as `KUBECONFIG_BASE64`; when that is set and empty, the deployment is skipped.
 * Whatever stands after `--` goes to `helm upgrade`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { chart, helm } from "./helm.ts";

const NAME = "energy-microservices";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    registry: { type: "string", default: "" },
    tag: { type: "string", default: "latest" },
    namespace: { type: "string", default: "energy-system" },
  },
});

const encoded = Deno.env.get("KUBECONFIG_BASE64");
if (encoded === "") {
  console.log(
    "::notice::Not deployed: the secret KUBECONFIG (base64) is not set.",
  );
  Deno.exit(0);
}
let kubeconfig: string | undefined;
try {
  if (encoded !== undefined) {
    kubeconfig = await Deno.makeTempFile();
    await Deno.writeTextFile(kubeconfig, atob(encoded.trim()), { mode: 0o600 });
    Deno.env.set("KUBECONFIG", kubeconfig);
  }
  const namespace = ["--namespace", values.namespace];
  const image = (service: string) => `${service}.image.tag=${values.tag}`;
  console.log(
    await helm(
      "upgrade",
      "--install",
      NAME,
      chart,
      ...namespace,
      "--create-namespace",
      "--wait",
      "--timeout=5m",
      "--set",
      `global.imageRegistry=${values.registry.toLowerCase()}`,
      "--set-string",
      ["ingestionApi", "processingService", "frontend"].map(image).join(","),
      ...positionals,
    ),
  );
  console.log(await helm("test", NAME, ...namespace, "--logs", "--timeout=2m"));
} finally {
  if (kubeconfig !== undefined) await Deno.remove(kubeconfig);
}
