import assert from "node:assert/strict";
import { until } from "./until.ts";
import { type Change, concernedBy, watchSources } from "./watch.ts";

Deno.test("concernedBy() names the services that run a file", () => {
  const all = ["ingestion", "processing", "web"];
  assert.deepEqual(concernedBy("core/log.ts"), all);
  assert.deepEqual(concernedBy("processing/lua/store.lua"), ["processing"]);
  assert.deepEqual(concernedBy("web/islands/Chart.tsx"), ["web"]);
  assert.deepEqual(concernedBy("web/static/icon.svg"), ["web"]);
  assert.deepEqual(concernedBy("dev/simulator/send.ts"), ["simulator"]);
});

Deno.test("concernedBy() names none for tests, for what is built and for what no service runs", () => {
  for (
    const path of [
      "core/log_test.ts",
      "ingestion/testing/harness.ts",
      "web/_fresh/server.ts",
      "core/.log.ts.swp",
      "core/README.md",
      "dev/main.ts",
      "corelike/log.ts",
    ]
  ) assert.deepEqual(concernedBy(path), [], path);
});

Deno.test("watchSources() tells once of a burst of changes, with a file that changed", async () => {
  const root = await Deno.makeTempDir();
  for (const dir of ["core/lua", "ingestion"]) {
    await Deno.mkdir(`${root}/${dir}`, { recursive: true });
  }
  const changes: Change[] = [];
  const close = watchSources(root, (change) => changes.push(change));
  for (let write = 0; write < 5; write++) {
    await Deno.writeTextFile(`${root}/core/lua/store.lua`, `return ${write}`);
  }
  await Deno.writeTextFile(`${root}/core/log_test.ts`, "");
  await until(() => changes.length > 0);
  const path = "core/lua/store.lua";
  assert.deepEqual(changes, [
    { service: "ingestion", path },
    { service: "processing", path },
    { service: "web", path },
  ]);

  // As most editors save: into a new file that takes the place of the old one.
  await Deno.writeTextFile(`${root}/ingestion/app.ts.tmp`, "");
  await Deno.rename(
    `${root}/ingestion/app.ts.tmp`,
    `${root}/ingestion/app.ts`,
  );
  await until(() => changes.length > 3);
  assert.deepEqual(changes.slice(3), [
    { service: "ingestion", path: "ingestion/app.ts" },
  ]);
  close();
  await Deno.remove(root, { recursive: true });
});

Deno.test("watchSources() says what to do where no more can be watched, and lets all else go on", async () => {
  const root = await Deno.makeTempDir();
  const complaints: string[] = [];
  const close = watchSources(root, () => {}, {
    complain: (message) => complaints.push(message),
    watch: () => {
      throw new Error("OS file watch limit reached.");
    },
  });
  close();
  assert.equal(complaints.length, 1);
  assert.match(complaints[0], /limit reached.*\n.*max_user_watches/);
  await Deno.remove(root);
});
