/**
 * Writes `web/_fresh/server.ts`: the dashboard as one module, for a bundler or `deno compile`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { writeModule } from "./fresh/builder/builder.ts";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

if (import.meta.main) {
  await writeModule(root, `${root}/_fresh/server.ts`, `${root}/start.ts`);
  console.log("Wrote web/_fresh/server.ts.");
}
