/**
 * Runs the dashboard from its source: bundles the islands, then listens. Pages reload when it starts anew.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { buildNow } from "./fresh/builder/builder.ts";
import { start } from "./start.ts";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

if (import.meta.main) await start(() => buildNow(root, "development"));
