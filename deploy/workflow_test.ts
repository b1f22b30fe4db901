/**
 * The workflow has no logic of its own, and calls nothing that is not there.
 *
 * @module
 */

import { deepStrictEqual as equal, match, ok } from "node:assert";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  steps: Step[];
  needs?: string[];
  if?: string;
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
}

const read = (path: string) =>
  Deno.readTextFile(new URL(path, import.meta.url));
const workflow = parse(await read("../.github/workflows/ci-cd.yaml"));
const jobs: [string, Job][] = Object.entries(workflow.jobs);
const steps = jobs.flatMap(([, job]) => job.steps);

Deno.test("every task that the workflow calls exists", async () => {
  const { tasks } = JSON.parse(await read("../deno.json"));
  const called = steps.flatMap((step) =>
    step.run?.match(/deno task (\S+)/)?.[1] ?? []
  );
  ok(called.length >= 6);
  equal(called.filter((name) => !(name in tasks)), []);
});

Deno.test("a step runs deno and nothing else", () => {
  for (const { run } of steps) {
    if (run !== undefined) match(run, /^deno (task|install) [^;&|]*$/);
  }
});

Deno.test("every action is pinned by its commit", () => {
  for (const { uses } of steps) {
    if (uses !== undefined) match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  }
});

Deno.test("the token may read, and only the push may write packages", () => {
  equal(workflow.permissions, { contents: "read" });
  for (const [name, job] of jobs) {
    equal(job.permissions?.packages, name === "push" ? "write" : undefined);
    ok(job["timeout-minutes"], `${name} has a limit of time`);
  }
});

Deno.test("nothing is pushed or deployed before all checks have passed, nor from a pull request", () => {
  const { push, deploy } = workflow.jobs;
  equal(push.needs, ["check", "test", "chart", "images"]);
  equal(push.if, "github.event_name == 'push'");
  equal(deploy.needs, ["push"]);
  match(deploy.if, /refs\/heads\/main.*refs\/heads\/master/);
});

Deno.test("the Deno of the workflow is the one of the images", async () => {
  const versions = new Set(
    steps.flatMap((step) => step.with?.["deno-version"] ?? []),
  );
  const dockerfile = await read("./docker/Dockerfile");
  equal([...versions], [dockerfile.match(/DENO_VERSION=(\S+)/)?.[1]]);
});
