import assert from "node:assert/strict";
import { type Process, untilOrphaned } from "./orphan.ts";
import { until } from "./until.ts";

/** A system in which our parent is `deno task`, started by a shell, started by `npx`, started from a terminal. */
function system() {
  const processes = new Map<number, Process>([
    [Deno.ppid, { parent: 30, command: "deno task dev" }],
    [30, { parent: 20, command: "sh -c deno task dev" }],
    [20, { parent: 10, command: "npm exec deno@2.9.6 task dev" }],
    [10, { parent: 1, command: "bash" }],
  ]);
  let looks = 0;
  const look = (pid: number) => {
    looks++;
    return Promise.resolve(processes.get(pid));
  };
  let orphaned = false;
  untilOrphaned({ look, everyMs: 1 }).then(() => orphaned = true);
  const looked = async () => {
    const before = looks;
    await until(() => looks > before + 20);
  };
  return { processes, orphaned: () => orphaned, looked };
}

Deno.test("untilOrphaned() resolves when npx is gone", async () => {
  const { processes, orphaned, looked } = system();
  await looked();
  assert.equal(orphaned(), false);
  processes.delete(20);
  processes.set(30, { parent: 1, command: "sh -c deno task dev" });
  await until(orphaned);
});

Deno.test("untilOrphaned() resolves when the shell between npx and deno is gone", async () => {
  const { processes, orphaned, looked } = system();
  await looked();
  processes.delete(30);
  processes.set(Deno.ppid, { parent: 1, command: "deno task dev" });
  await until(orphaned);
});

Deno.test("untilOrphaned() does not mind that the terminal is closed", async () => {
  const { processes, orphaned, looked } = system();
  await looked();
  processes.set(20, { parent: 1, command: "npm exec deno@2.9.6 task dev" });
  processes.delete(10);
  await looked();
  assert.equal(orphaned(), false);
  processes.set(Deno.ppid, { parent: 1, command: "deno task dev" });
  await until(orphaned);
});
