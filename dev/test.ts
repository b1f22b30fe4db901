/**
 * `deno task test`: finds a Redis once, and runs every test against it.
 *
 * @module
 */

import { ROOT } from "./paths.ts";
import { findRedis } from "./redis/find.ts";
import { SOURCE_VARIABLE } from "./testing/redis.ts";

if (Deno.args.includes("--help")) {
  console.log(
    "Usage: deno task test [PATH…] [OPTION…]\n\nRuns the tests, all or those below PATH, against a real Redis. Options are those of `deno test`.",
  );
  Deno.exit(0);
}

const source = await findRedis({ progress: (line) => console.log(line) })
  .catch((error) => {
    console.error(error.message);
    Deno.exit(1);
  });
console.log(source.says);

const report = await Deno.makeTempFile({ suffix: ".xml" });
const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "--allow-all", `--junit-path=${report}`, ...Deno.args],
  cwd: ROOT,
  env: { [SOURCE_VARIABLE]: JSON.stringify(source) },
}).spawn();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => child.kill(signal));
}
const { code } = await child.status;
const [passed, failed] = countTests(await Deno.readTextFile(report));
await Deno.remove(report);
console.log(`${passed} passed, ${failed} failed`);
// A run that executed nothing has shown nothing.
Deno.exit(code !== 0 ? code : passed === 0 ? 1 : 0);

function countTests(xml: string): [passed: number, failed: number] {
  const root = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name: string) =>
    Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return [number("tests") - failed - number("disabled"), failed];
}
