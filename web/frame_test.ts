/**
 * The dashboard is written against Fresh's public API alone, so that Fresh itself can take the place of `web/fresh/`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { scan } from "./fresh/builder/scan.ts";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

/** What Fresh's `fresh` and `fresh/runtime` export, as far as it is used. */
const PUBLIC = new Set(
  "App Context Head HttpError IS_BROWSER Middleware PageProps asset createDefine csp csrf page staticFiles"
    .split(" "),
);

/** The application; the rest of `web/` starts, builds or tests it. */
const PARTS = ["components", "data", "islands", "live", "routes"];
const FILES = [
  "chunked.ts",
  "define.ts",
  "format.ts",
  "lifecycle.ts",
  "main.ts",
  "preferences.ts",
  "proxy.ts",
  "quiet.ts",
  "security.ts",
  "services.ts",
  "small_form.ts",
];

function* sources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

Deno.test("nothing but the public API of Fresh is imported", async () => {
  const files = [
    ...PARTS.flatMap((part) => [...sources(`${root}/${part}`)]),
    ...FILES.map((file) => `${root}/${file}`),
  ];
  assert.ok(files.length > 40);
  for (const file of files) {
    const code = await Deno.readTextFile(file);
    assert.doesNotMatch(code, /from "[./]+\/fresh\//, file);
    for (
      const [, names] of code.matchAll(
        /import (?:type )?\{([^}]*)\} from "fresh(?:\/runtime)?"/g,
      )
    ) {
      for (
        const name of names.split(",").map((n) => n.replace("type ", "").trim())
      ) {
        assert.ok(name === "" || PUBLIC.has(name), `${name} in ${file}`);
      }
    }
  }
});

Deno.test("scan() finds routes, islands and static files where Fresh looks for them", () => {
  const { routes, islands, statics } = scan(root);
  assert.ok(routes.some((file) => file.endsWith("routes/_app.tsx")));
  assert.ok(islands.every((file) => file.startsWith(`${root}/islands/`)));
  assert.ok(statics.some((file) => file.endsWith("static/base.css")));
});
