/**
 * `deno task build`: each service as one executable in `dist/`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import { compile } from "./compile.ts";
import { type Service, services } from "./services.ts";

const HELP =
  `Builds executables of the services: dist/ingestion, dist/processing, dist/web.

Usage: deno task build [service...] [--commit=<id>] [--bundle-only]

  --commit       what --version says; by default what git says
  --bundle-only  stop at dist/bundle/<service>.js`;

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    commit: { type: "string" },
    "bundle-only": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}
const unknown = positionals.filter((name) =>
  !services.some((service) => service.name === name)
);
if (unknown.length > 0) {
  console.error(`There is no service "${unknown[0]}".\n\n${HELP}`);
  Deno.exit(2);
}
const { version } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
const id = { version, commit: values.commit || await commitOf(root) };
await Deno.mkdir(`${root}dist/bundle`, { recursive: true });
for (const service of services) {
  if (positionals.length > 0 && !positionals.includes(service.name)) continue;
  await make(service);
}
// esbuild's process would keep this one alive.
Deno.exit(0);

async function make(service: Service): Promise<void> {
  const started = performance.now();
  const bundled = `${root}dist/bundle/${service.name}.js`;
  if (service.prepare) await prepare(service.prepare);
  await bundle(root, service, id, bundled);
  const made = values["bundle-only"] ? bundled : `${root}dist/${service.name}`;
  if (!values["bundle-only"]) await compile(root, service, bundled, made);
  const { size } = await Deno.stat(made);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${made.slice(root.length)}  ${(size / 1e6).toFixed(1)} MB  ${seconds} s`,
  );
}

async function prepare(module: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", module],
    cwd: root,
  }).output();
  if (!success) throw new Error(`${module} failed`);
}

async function commitOf(folder: string): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["rev-parse", "--short=12", "HEAD"],
      cwd: folder,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "unknown";
  } catch {
    return "unknown";
  }
}
