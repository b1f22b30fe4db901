import assert from "node:assert/strict";
import { spawnTethered } from "./tether.ts";
import { until } from "./until.ts";

const PARENT = `
  import { spawnTethered } from ${
  JSON.stringify(new URL("tether.ts", import.meta.url).href)
};
  const [orphanSignal, removeDir, ...command] = Deno.args;
  const child = spawnTethered(command[0], { args: command.slice(1), orphanSignal, removeDir });
  console.log(child.pid);
  if (command.includes("crash")) throw new Error("crash");
  setInterval(() => {}, 1000);
`;

/** Runs a process that tethers a child, and returns both pids. */
async function parentOf(...args: string[]) {
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["eval", PARENT, ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = parent.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  assert.ok(pid > 0);
  return { parent, pid, done: () => reader.cancel() };
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  Deno.test(`spawnTethered() leaves no child behind a parent that got ${signal}`, async () => {
    const { parent, pid, done } = await parentOf("SIGKILL", "", "sleep", "60");
    assert.ok(isAlive(pid));
    parent.kill(signal);
    await parent.status;
    await until(() => !isAlive(pid), { message: "the child is gone" });
    await done();
  });
}

Deno.test("spawnTethered() leaves no child behind a parent that crashed, and removes the child's directory", async () => {
  const dir = await Deno.makeTempDir();
  const { parent, pid, done } = await parentOf(
    "SIGKILL",
    dir,
    "sh",
    "-c",
    "exec sleep 60",
    "crash",
  );
  assert.equal((await parent.status).code, 1);
  await until(() => !isAlive(pid), { message: "the child is gone" });
  await until(() => Deno.stat(dir).then(() => false, () => true), {
    message: "its directory is gone",
  });
  await done();
});

Deno.test("spawnTethered() lets an orphan finish when it is sent SIGTERM", async () => {
  const file = await Deno.makeTempFile();
  const script = `trap 'echo finished > ${file}; exit' TERM; ` +
    `echo started > ${file}; while :; do sleep 0.05; done`;
  const { parent, pid, done } = await parentOf(
    "SIGTERM",
    "",
    "sh",
    "-c",
    script,
  );
  const said = () => Deno.readTextFile(file);
  await until(async () => await said() === "started\n", {
    message: "the child hears signals",
  });
  parent.kill("SIGKILL");
  await parent.status;
  await until(() => !isAlive(pid), { message: "the child is gone" });
  assert.equal(await said(), "finished\n");
  await Deno.remove(file);
  await done();
});

Deno.test("spawnTethered() passes on output, status, environment, and has the program's own pid", async () => {
  const child = spawnTethered("sh", {
    args: ["-c", 'echo "$$ $WORD"; echo oh >&2; exit 3'],
    env: { WORD: "a b" },
  });
  assert.equal(await new Response(child.stdout).text(), `${child.pid} a b\n`);
  assert.equal(await new Response(child.stderr).text(), "oh\n");
  assert.equal((await child.exited).code, 3);
  child.kill("SIGTERM");
});
