/**
 * Holding an API to its OpenAPI document.
 *
 * @module
 */

import { z } from "zod";
import { assert, assertEquals } from "../../dev/testing/assert.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** An operation of a document. */
export interface Operation {
  method: string;
  path: string;
  operation: Json;
}

/** An OpenAPI document and where its API is. */
export interface Contract {
  url: string;
  document: Json;
}

/**
 * Lists the operations.
 *
 * @param document The document.
 * @returns Each with its method and path.
 */
export function operations(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      method,
      path,
      operation,
    }))
  );
}

/**
 * Follows a reference.
 *
 * @param document The document.
 * @param reference A local reference, `#/components/schemas/Problem`.
 * @returns What it refers to; `undefined` when there is no such thing.
 */
export function resolve(document: Json, reference: string): Json {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce(
    (at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")],
    document,
  );
}

/**
 * Lists all references.
 *
 * @param value Any part of a document.
 * @returns The references in it.
 */
export function references(value: Json): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "$ref" ? [String(inner)] : references(inner)
  );
}

/**
 * Checks that a document is well formed: what OpenAPI 3.1 demands, and what a reader would miss.
 *
 * @param document The document.
 */
export function assertWellFormed(document: Json): void {
  assert(/^3\.1\.\d+$/.test(document.openapi), "it is OpenAPI 3.1");
  for (const member of ["title", "version"]) assert(document.info[member]);
  for (const reference of references(document)) {
    assert(reference.startsWith("#/"), `${reference} is elsewhere`);
    assert(resolve(document, reference) !== undefined, `${reference} dangles`);
  }
  for (const { method, path, operation } of operations(document)) {
    const name = `${method} ${path}`;
    assert(path.startsWith("/"), name);
    assert(operation.summary, `${name} says what it is for`);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, it]) => it);
    const parameters: Json[] = operation.parameters ?? [];
    const documented = parameters.filter((it) => it.in === "path");
    assertEquals(documented.map((it) => it.name).sort(), inPath.sort(), name);
    for (const it of documented) assertEquals(it.required, true, name);
    for (const it of parameters) assert(it.schema, `${name}: ${it.name}`);
    const responses = Object.entries<Json>(operation.responses);
    assert(responses.length > 0, `${name} has responses`);
    for (const [status, response] of responses) {
      assert(/^[1-5]\d\d$/.test(status), `${name}: ${status}`);
      assert(response.description, `${name} ${status} is described`);
    }
    for (const requirement of operation.security ?? []) {
      for (const scheme of Object.keys(requirement)) {
        assert(document.components.securitySchemes[scheme], scheme);
      }
    }
  }
}

/**
 * Checks an answer by the document: its status and content type are documented, and its JSON fits the schema.
 *
 * @param contract The document.
 * @param at The operation.
 * @param response The answer, whose body is read here.
 * @returns The body, parsed if it is JSON.
 */
export async function assertDocumented(
  { document }: Contract,
  { method, path, operation }: Operation,
  response: Response,
): Promise<Json> {
  const name = `${method} ${path} ${response.status}`;
  const documented = operation.responses[response.status];
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  if (type === "text/event-stream") await response.body?.cancel();
  const text = type === "text/event-stream" ? "" : await response.text();
  assert(documented !== undefined, `${name} is not documented: ${text}`);
  const body = type.endsWith("json") ? JSON.parse(text) : text;
  if (documented.content !== undefined) {
    const types = Object.keys(documented.content);
    assert(types.includes(type), `${name}: ${type} is not of ${types}`);
    const { schema } = documented.content[type];
    if (type.endsWith("json")) assertFits(document, schema, body, name);
  }
  if (response.status >= 400 && path !== "/health" && path !== "/readyz") {
    assertProblem(response, body);
  }
  return body;
}

/**
 * Checks that an answer is an RFC 9457 problem document.
 *
 * @param response The answer.
 * @param body Its body.
 */
export function assertProblem(response: Response, body: Json): void {
  const type = response.headers.get("content-type");
  assertEquals(type, "application/problem+json");
  for (const member of ["type", "title", "detail"]) {
    assert(typeof body[member] === "string" && body[member] !== "", member);
  }
  assert(/^urn:energy-microservices:problem:[a-z-]+$/.test(body.type));
  assertEquals(body.status, response.status);
}

/** OpenAPI 3.1 schemas are JSON Schema 2020-12; zod looks for what they refer to in `$defs`. */
function assertFits(document: Json, schema: Json, value: Json, name: string) {
  const text = JSON.stringify({
    ...schema,
    $defs: document.components?.schemas,
  }).replaceAll("#/components/schemas/", "#/$defs/");
  const result = z.fromJSONSchema(JSON.parse(text)).safeParse(value);
  assert(result.success, `${name}: ${result.error}`);
}
