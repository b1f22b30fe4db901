/**
 * What a visitor downloads: limits that a change must not pass unseen. All figures are gzip's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Build } from "./fresh/build.ts";
import { startDashboard, testBuild } from "./testing/dashboard.ts";
import { startFake } from "./testing/fake.ts";

const KB = 1_000;

const zipped = (bytes: Uint8Array) => gzipSync(bytes, { level: 6 }).length;

/** A page's modules: those it imports itself, and what those import. */
function modulesOf(html: string, build: Build): Set<string> {
  const found = new Set<string>();
  const follow = (path: string) => {
    const file = build.files.get(path);
    if (found.has(path) || file === undefined) return;
    found.add(path);
    const code = new TextDecoder().decode(file.bytes);
    for (
      const [, name] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)
    ) follow(`/_fresh/js/${name}`);
  };
  for (const [path] of html.matchAll(/\/_fresh\/js\/[^"\s]+\.js/g)) {
    follow(path);
  }
  return found;
}

Deno.test("pages are small", async (t) => {
  const fake = startFake({ sites: 100 });
  const dashboard = await startDashboard({
    ingestion: fake.url,
    processing: fake.url,
  });
  const build = await testBuild();
  const get = async (path: string) =>
    await (await fetch(dashboard.url + path)).text();
  const script = async (path: string) => {
    const modules = modulesOf(await get(path), build);
    assert.ok(modules.size >= 3, "no modules were found");
    return [...modules].reduce(
      (sum, name) => sum + zipped(build.files.get(name)!.bytes),
      0,
    );
  };
  const limit = (
    name: string,
    most: number,
    size: () => Promise<number> | number,
  ) =>
    t.step(`${name}: at most ${most / KB} kB`, async () => {
      const bytes = await size();
      console.log(`${name}: ${(bytes / KB).toFixed(1)} kB`);
      assert.ok(bytes <= most, `${name} is ${bytes} bytes`);
    });
  try {
    await limit("JavaScript of /", 20 * KB, () => script("/"));
    await limit(
      "JavaScript of a site",
      50 * KB,
      () => script("/sites/house-001"),
    );
    await limit("JavaScript of /submit", 25 * KB, () => script("/submit"));
    await limit("JavaScript of /pipeline", 25 * KB, () => script("/pipeline"));
    await limit(
      "CSS",
      10 * KB,
      () =>
        [...build.files].filter(([name]) => name.endsWith(".css"))
          .reduce((sum, [, { bytes }]) => sum + zipped(bytes), 0),
    );
    // Not even compressed.
    await limit(
      "HTML of / with 100 sites",
      60 * KB,
      async () => new TextEncoder().encode(await get("/")).length,
    );
  } finally {
    await dashboard.stop();
    await fake.stop();
  }
});
