import assert from "node:assert/strict";
import { until } from "./until.ts";

Deno.test("until() returns what the condition returned at last", async () => {
  let looks = 0;
  assert.equal(await until(() => ++looks > 3 && `${looks} looks`), "4 looks");
});

Deno.test("until() takes an error for not yet, and reports the last one when the time is over", async () => {
  const condition = () => Promise.reject(new Error("no route"));
  await assert.rejects(
    until(condition, { timeout: 20, message: "it answers" }),
    /Waited 20 ms until it answers.*no route/,
  );
});

Deno.test("until() ends early with the reason of its signal", async () => {
  const signal = AbortSignal.abort(new Error("it died"));
  await assert.rejects(until(() => false, { signal }), /it died/);
});
