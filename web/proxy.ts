/**
 * Passes a call of the browser on to a service: bodies are streamed both ways, and end when either side goes.
 *
 * @module
 */
import type { Context } from "fresh";
import { sendChunked } from "./chunked.ts";
import { lifecycle } from "./lifecycle.ts";
import { endWhenQuiet } from "./quiet.ts";
import { ownKey, services } from "./services.ts";

const REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-encoding",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "prefer",
  "traceparent",
  "x-api-key",
];

const RESPONSE_HEADERS = [
  "content-disposition",
  "content-type",
  "link",
  "preference-applied",
  "retry-after",
  "www-authenticate",
  "x-request-id",
];

/** What may be asked for; metrics and documents of the services stay behind the dashboard. */
const ALLOWED: Record<"ingestion" | "processing", RegExp> = {
  ingestion: /^(POST readings|GET health)$/,
  processing:
    /^(GET (health|live|pipeline|export|sites(\/.+)?|dead-letters)|(POST|DELETE) dead-letters(\/.+)?)$/,
};

/**
 * @param ctx The request
 * @param service Where it goes
 * @param path The path there, without the leading slash
 * @param extra Headers that the browser cannot or need not send
 */
export async function proxy<State>(
  ctx: Context<State>,
  service: "ingestion" | "processing",
  path: string,
  extra: Record<string, string> = {},
): Promise<Response> {
  const { req } = ctx;
  // What may be got may be asked for without its body, too.
  const asked = req.method === "HEAD" ? "GET" : req.method;
  if (!ALLOWED[service].test(`${asked} ${path}`)) {
    return problem(
      404,
      "Not Found",
      `The dashboard does not pass ${req.method} /${path} on.`,
    );
  }
  const headers = new Headers(extra);
  for (const name of REQUEST_HEADERS) {
    const value = req.headers.get(name);
    if (value !== null && !headers.has(name)) headers.set(name, value);
  }
  // The dashboard's own key reads; who changes something shows a key of their own.
  if (
    asked === "GET" && !headers.has("authorization") &&
    !headers.has("x-api-key")
  ) {
    for (const [name, value] of Object.entries(ownKey())) {
      headers.set(name, value);
    }
  }
  let answer: Response;
  try {
    const url = `${services[service]}/${path}${ctx.url.search}`;
    const { method, body } = req;
    // When the browser goes, the server cancels the answer's body below, and with it this call.
    const signal = lifecycle.closing;
    const chunked = body !== null && req.headers.has("transfer-encoding") &&
      url.startsWith("http:");
    answer = chunked
      ? await sendChunked(url, { method, headers, body, signal })
      : await fetch(url, { method, headers, body, signal, redirect: "manual" });
  } catch {
    return problem(
      502,
      "Bad Gateway",
      `The ${service} service does not answer. Try again in a moment.`,
    );
  }
  const out = new Headers({ "cache-control": "no-store" });
  for (const name of RESPONSE_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) out.set(name, value);
  }
  let { body } = answer;
  if (out.get("content-type")?.startsWith("text/event-stream")) {
    // An event must not wait in a compressor for the next one.
    out.set("cache-control", "no-store, no-transform");
    // A body handed on as it is would not notice that this process leaves.
    body = body?.pipeThrough(endWhenQuiet(services.quietMs), {
      signal: lifecycle.closing,
    }) ?? null;
  }
  return new Response(body, { status: answer.status, headers: out });
}

function problem(status: number, title: string, detail: string): Response {
  return Response.json({ type: "about:blank", title, status, detail }, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    },
  });
}
