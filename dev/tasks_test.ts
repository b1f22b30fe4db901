import assert from "node:assert/strict";
import { taskCommand } from "./tasks.ts";

Deno.test("taskCommand() gives a service exactly the permissions and variables of its task", async () => {
  const { args, env } = await taskCommand("ingestion");
  assert.deepEqual(env, { MALLOC_ARENA_MAX: "1" });
  assert.deepEqual((await taskCommand("simulator")).env, {});
  assert.equal(args[0], "run");
  assert.equal(args.at(-1), "ingestion/main.ts");
  assert.ok(args.includes("--allow-net"));
  assert.ok(!args.includes("-A"));
});

Deno.test("taskCommand() refuses what is not a plain deno run", async () => {
  await assert.rejects(taskCommand("check"), /to be a plain `deno run`/);
  await assert.rejects(taskCommand("nothing"), /Expected a task "nothing"/);
});
