import assert from "node:assert/strict";
import {
  type Running,
  supervise,
  type SuperviseOptions,
} from "./supervisor.ts";
import { spawnTethered } from "./tether.ts";
import { until } from "./until.ts";

/** Keeps a real process running, and notes when it was started and what was said. */
async function harness(
  script: string,
  options: Partial<SuperviseOptions> = {},
) {
  const starts: number[] = [];
  const said: string[] = [];
  const start = async (): Promise<Running> => {
    starts.push(performance.now());
    const child = spawnTethered("sh", { args: ["-c", script] });
    await child.stderr.cancel();
    // The script writes a line once it takes signals as it should.
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return child;
  };
  const say = (line: string) => void said.push(line);
  const child = await supervise({ start, say, ...options });
  return { starts, said, child };
}

const OBEDIENT = "echo; exec sleep 60";
const STUBBORN = "trap '' TERM; echo; while :; do sleep 0.05; done";

Deno.test("supervise() starts a killed child again, and says so", async () => {
  const { said, starts, child } = await harness(OBEDIENT, { delayMs: 20 });
  const first = child.pid;
  Deno.kill(first, "SIGKILL");
  await until(() => child.pid !== first);
  assert.equal(starts.length, 2);
  assert.match(said[0], /^ended with SIGKILL, starts again in 0 s/);
  await child.stop();
});

Deno.test("supervise() waits longer after each death in a row", async () => {
  const { starts, child } = await harness("echo; exit 3", { delayMs: 20 });
  await until(() => starts.length === 5);
  await child.stop();
  const gaps = starts.slice(1).map((start, index) => start - starts[index]);
  [20, 40, 80, 160].forEach((least, index) =>
    assert.ok(gaps[index] >= least - 1, `${gaps}`)
  );
});

Deno.test("supervise() passes a failed first start on, and repeats a later one", async () => {
  await assert.rejects(
    supervise({ start: () => Promise.reject(new Error("no disk")), say() {} }),
    /no disk/,
  );
  let tries = 0;
  const said: string[] = [];
  const child = await supervise({
    start: async () => {
      if (++tries === 2) throw new Error("no disk");
      const child = spawnTethered("sleep", { args: ["60"] });
      await child.stdout.cancel();
      await child.stderr.cancel();
      return child;
    },
    say: (line) => said.push(line),
    delayMs: 1,
  });
  Deno.kill(child.pid, "SIGKILL");
  await until(() => tries === 3);
  assert.match(said[1], /^did not start, tries again .*no disk/);
  await child.stop();
});

Deno.test("restart() starts anew without a delay, and does not call it a death", async () => {
  const { starts, said, child } = await harness(OBEDIENT, { delayMs: 60_000 });
  const first = child.pid;
  child.restart("core/log.ts changed");
  child.restart("core/redis.ts changed");
  await until(() => child.pid !== first);
  assert.equal(starts.length, 2);
  assert.equal(said[0], "restarts: core/log.ts changed");
  assert.ok(!said.some((line) => line.includes("ended")), said.join());
  await child.stop();
});

Deno.test("restart() does not wait for the delay of a child that died", async () => {
  const { starts, said, child } = await harness("echo; exit 1", {
    delayMs: 60_000,
  });
  await until(() => said.length === 1);
  child.restart("core/log.ts changed");
  await until(() => starts.length === 2);
  await child.stop();
});

Deno.test("supervise() does not start again what ended with the hopeless code, until it is told to", async () => {
  const { starts, said, child } = await harness("echo; exit 2", {
    delayMs: 1,
    hopeless: 2,
  });
  const ends = () =>
    said.filter((line) => /^ended with code 2, is not/.test(line));
  await until(() => ends().length === 1);
  child.restart("core/log.ts changed");
  await until(() => ends().length === 2);
  await child.stop();
  assert.equal(starts.length, 2);
});

Deno.test("stop() kills what does not obey when its time is over, and says so", async () => {
  const { said, child } = await harness(STUBBORN, { patienceMs: 100 });
  await child.stop();
  assert.throws(() => Deno.kill(child.pid, "SIGCONT"));
  assert.deepEqual(said, ["has not ended 0.1 s after SIGTERM, is killed"]);
});

Deno.test("stop() ends the waiting for a child that died", async () => {
  const { starts, said, child } = await harness("echo; exit 1", {
    delayMs: 60_000,
  });
  await until(() => said.length === 1);
  await child.stop();
  assert.equal(starts.length, 1);
});

Deno.test("ready resolves when what was started is ready, also after a death on the way", async () => {
  let starts = 0;
  const { child } = await harness(OBEDIENT, {
    delayMs: 1,
    ready: (signal) =>
      ++starts < 2
        ? new Promise((_, reject) => signal.onabort = reject)
        : Promise.resolve(),
  });
  Deno.kill(child.pid, "SIGKILL");
  await child.ready;
  assert.equal(starts, 2);
  await child.stop();
});
