/**
 * Runs the dashboard from its source: bundles the islands, then listens. Pages reload when it starts anew.
 *
 * The bundler is a program of its own, so starting it needs `--allow-run`; what serves gives that up.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { buildNow } from "./fresh/builder/builder.ts";
import { start } from "./start.ts";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

if (import.meta.main) {
  await start(async () => {
    const build = await buildNow(root, "development");
    await Deno.permissions.revoke({ name: "run" });
    return build;
  });
}
