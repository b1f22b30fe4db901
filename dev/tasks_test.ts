import assert from "node:assert/strict";
import { taskArgs } from "./tasks.ts";

Deno.test("taskArgs() gives a service exactly the permissions of its task", async () => {
  const args = await taskArgs("ingestion");
  assert.equal(args[0], "run");
  assert.equal(args.at(-1), "ingestion/main.ts");
  assert.ok(args.includes("--allow-net"));
  assert.ok(!args.includes("-A"));
});

Deno.test("taskArgs() refuses what is not a plain deno run", async () => {
  await assert.rejects(taskArgs("check"), /to be a plain `deno run`/);
  await assert.rejects(taskArgs("nothing"), /Expected a task "nothing"/);
});
