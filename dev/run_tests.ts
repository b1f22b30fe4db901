/**
 * `deno task test`: finds a Redis once, and runs every test against it.
 *
 * The file is not called `test.ts`, for that is a name `deno test` takes for a test: it would run itself.
 *
 * @module
 */

import { untilOrphaned } from "./orphan.ts";
import { ROOT } from "./paths.ts";
import { findRedis } from "./redis/find.ts";
import { countTests, type Tally } from "./testing/report.ts";
import { SOURCE_VARIABLE } from "./testing/redis.ts";

const HELP = `Usage: deno task test [PATH…] [OPTION…]

Runs the tests, all or those below PATH, against a real Redis. Options are those of \`deno test\`.`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const { code, tally } = await run(args).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return { code: 1, tally: { passed: 0, failed: 1, ignored: [] } };
  });
  // What is left out is said, so that a smaller number is not mistaken for a good one.
  for (const name of tally.ignored) console.log(`ignored: ${name}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  if (code !== 0) return code;
  // A run that executed nothing has shown nothing.
  return tally.passed === 0 || tally.failed > 0 ? 1 : 0;
}

async function run(args: string[]): Promise<{ code: number; tally: Tally }> {
  const source = await findRedis({ progress: console.log });
  console.log(source.says);

  const env: Record<string, string> = {
    ...Deno.env.toObject(),
    [SOURCE_VARIABLE]: JSON.stringify(source),
  };
  // Tests take their Redis from testRedis() alone: the database that these name is not for tests to write to.
  for (const name of ["REDIS_URL", "REDIS_HOST", "REDIS_PORT"]) {
    delete env[name];
  }
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", `--junit-path=${report}`, ...args],
    cwd: ROOT,
    clearEnv: true,
    env,
  }).spawn();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => child.kill(signal));
  }
  untilOrphaned().then(() => child.kill("SIGTERM"));
  const { code } = await child.status;
  const tally = countTests(await Deno.readTextFile(report));
  await Deno.remove(report);
  // An error outside of any test, such as a type error, ends the run and is in no report.
  if (code !== 0 && tally.failed === 0) tally.failed = 1;
  return { code, tally };
}
