/**
 * `deno task images`: builds the three images; with `--push` they go to a registry, with SBOM and provenance.
 *
 *     deno task images
 *     deno task images --registry=ghcr.io/owner/repository/ --tag=1.2.3 --tag=latest --push
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";

const TARGETS = ["ingestion-api", "processing-service", "frontend"];

const { values } = parseArgs({
  options: {
    registry: { type: "string", default: "" },
    tag: { type: "string", multiple: true, default: ["latest"] },
    commit: { type: "string", default: "unknown" },
    source: { type: "string" },
    push: { type: "boolean", default: false },
  },
});

for (const target of TARGETS) {
  await docker([
    "buildx",
    "build",
    "--file=deploy/docker/Dockerfile",
    `--target=${target}`,
    `--build-arg=COMMIT=${values.commit}`,
    ...values.tag.map((tag) =>
      `--tag=${values.registry}${target}:${tag}`.toLowerCase()
    ),
    ...(values.source
      ? [`--label=org.opencontainers.image.source=${values.source}`]
      : []),
    ...(values.push
      ? ["--push", "--sbom=true", "--provenance=mode=max"]
      : ["--load"]),
    ".",
  ]);
}

async function docker(args: string[]): Promise<void> {
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const { code } = await new Deno.Command("docker", {
    args,
    cwd,
    stdin: "null",
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
