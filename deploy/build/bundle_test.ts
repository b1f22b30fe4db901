/**
 * What `deno task build` bundles, and what the executables may do.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import { fileURLToPath } from "node:url";
import { compileArguments } from "./compile.ts";
import { services } from "./services.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Bundles as `deno task build` does, in a process of its own: packages are resolved from `node_modules` there. */
async function bundled(service: string): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "task",
      "--quiet",
      "build",
      service,
      "--bundle-only",
      "--commit=test",
    ],
    cwd: root,
    stdout: "null",
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  return await Deno.readTextFile(`${root}dist/bundle/${service}.js`);
}

Deno.test("a bundle is the same each time, has the Lua scripts in it, and imports no package", async () => {
  const bundle = await bundled("ingestion");
  equal(await bundled("ingestion"), bundle);
  ok(bundle.includes("XADD"), "the publishing script");
  ok(bundle.includes('"test"'), "the commit");
  const imported = bundle.matchAll(/^import .* from "([^"]+)";$/gm).map((
    [, from],
  ) => from);
  const foreign = [...imported].filter((from) => !from.startsWith("node:"));
  equal(foreign, []);
  ok(!bundle.includes(root), "no path of this machine");
});

Deno.test("an executable may use the network, the environment and two folders, and nothing else", () => {
  for (const service of services) {
    const allowed = compileArguments(service, "in.js", "out").filter((each) =>
      each.startsWith("--allow") || each === "-A"
    );
    equal(allowed, [
      "--allow-net",
      "--allow-env",
      "--allow-sys=hostname",
      "--allow-read=/etc/energy-microservices,/run/secrets",
    ]);
  }
});
