/**
 * What the descriptions of the routes have in common.
 *
 * @module
 */

import type { z } from "@hono/zod-openapi";
import type { Endpoint } from "../core/app.ts";
import { problemDocument } from "./schemas.ts";

/**
 * An answer that is a problem document.
 *
 * @param description What it says.
 * @returns The answer's part of a description.
 */
export function problem(description: string) {
  return {
    description,
    content: { "application/problem+json": { schema: problemDocument } },
  };
}

/** The errors that every route may answer. */
export const PROBLEMS = {
  401: problem("No valid API key"),
  403: problem("The API key does not allow this"),
  422: problem("A parameter breaks a rule"),
  503: problem("Redis cannot be used"),
};

/**
 * A route that reads.
 *
 * @param path Its path.
 * @param summary What it gives.
 * @returns The first part of its description.
 */
export function get(
  path: string,
  summary: string,
): Pick<Endpoint, "method" | "path" | "scope" | "tags" | "summary"> {
  return { method: "get", path, scope: "read", tags: ["readings"], summary };
}

/**
 * An answer in JSON.
 *
 * @param description What it is.
 * @param schema Its schema.
 * @returns The answer's part of a description.
 */
export function json(description: string, schema: z.ZodType) {
  return { 200: { description, content: { "application/json": { schema } } } };
}
