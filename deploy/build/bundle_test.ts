/**
 * What `deno task build` bundles, and what the executables may do.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import { fileURLToPath } from "node:url";
import { taskCommand } from "../../dev/tasks.ts";
import { compileArguments, v8FlagsOf } from "./compile.ts";
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
    const allowed = compileArguments(service, "", "in.js", "out").filter((
      each,
    ) => each.startsWith("--allow") || each === "-A");
    equal(allowed, [
      "--allow-net",
      "--allow-env",
      "--allow-sys=hostname",
      "--allow-read=/etc/energy-microservices,/run/secrets",
    ]);
  }
});

Deno.test("an executable starts V8 with its heap limit and the flags of the service's task", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const given: string[] = [];
  for (const service of services) {
    const flags = await v8FlagsOf(root, service);
    const [baked] = compileArguments(service, flags, "in.js", "out").filter(
      (each) => each.startsWith("--v8-flags="),
    );
    const [limit, ...others] = baked.replace("--v8-flags=", "").split(",");
    equal(limit, `--max-old-space-size=${service.heapMb}`);
    for (const flag of others) {
      ok(tasks[service.name].command.includes(flag), flag);
    }
    if (others.length > 0) given.push(service.name);
  }
  equal(given, ["ingestion", "processing"]);
});

Deno.test("an image sets what the tasks of its services set", async () => {
  const dockerfile = await Deno.readTextFile(
    `${root}deploy/docker/Dockerfile`,
  );
  const images = /^ENV (.*LOG_FORMAT.*)$/m.exec(dockerfile)![1].split(" ");
  const set = new Set<string>();
  for (const { name } of services) {
    const { env } = await taskCommand(name);
    for (const pair of Object.entries(env)) set.add(pair.join("="));
  }
  ok(set.size > 0);
  for (const pair of set) ok(images.includes(pair), pair);
});
