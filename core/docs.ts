/**
 * The page at `/docs`: an OpenAPI document as HTML that needs no script and nothing from elsewhere.
 *
 * @module
 */

// deno-lint-ignore no-explicit-any
type Json = any;

const STYLE = `
:root{color-scheme:light dark;--line:light-dark(#d9dee4,#343c46);--soft:light-dark(#f4f6f8,#1c2229);--dim:light-dark(#57606a,#9aa5b1)}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{margin-bottom:0}p.about{color:var(--dim);margin-top:.25rem}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:0 1rem}
summary{cursor:pointer;padding:.65rem 0;display:flex;gap:.75rem;flex-wrap:wrap;align-items:baseline}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.75rem;border-radius:6px;overflow-x:auto}
b.method{min-width:4.5rem;font:600 13px ui-monospace,monospace;text-transform:uppercase}
table{border-collapse:collapse;width:100%;margin:.5rem 0}td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-top:1px solid var(--line);vertical-align:top}
.dim{color:var(--dim)}`;

/**
 * Draws the page.
 *
 * @param document An OpenAPI 3.1 document.
 * @returns The page.
 */
export function docsPage(document: Json): Response {
  const operations = Object.entries<Json>(document.paths).flatMap((
    [path, methods],
  ) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      path,
      method,
      operation,
    }))
  );
  const html = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(document.info.title)}</title><style>${STYLE}</style>
<h1>${escape(document.info.title)}</h1>
<p class="about">${escape(document.info.description ?? "")} Version ${
    escape(document.info.version)
  }.
The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>
${operations.map((entry) => operationHtml(document, entry)).join("\n")}
</html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      "x-content-type-options": "nosniff",
    },
  });
}

function operationHtml(
  document: Json,
  entry: { path: string; method: string; operation: Json },
): string {
  const { path, method, operation } = entry;
  const parameters = (operation.parameters ?? []).map((parameter: Json) => [
    `<code>${escape(parameter.name)}</code> <span class="dim">${
      escape(parameter.in)
    }</span>`,
    escape(parameter.description ?? parameter.schema?.description ?? ""),
    typeText(parameter.schema),
  ]);
  const bodies = Object.entries<Json>(operation.requestBody?.content ?? {}).map(
    ([type, body]) =>
      `<p>Body <code>${escape(type)}</code></p>${
        schemaHtml(document, body.schema)
      }${
        body.example === undefined
          ? ""
          : `<pre>${escape(exampleText(body.example))}</pre>`
      }`,
  );
  const responses = Object.entries<Json>(operation.responses ?? {}).map((
    [status, response],
  ) => [
    `<code>${escape(status)}</code>`,
    escape(response.description ?? ""),
    `<span class="dim">${
      escape(Object.keys(response.content ?? {}).join(", "))
    }</span>`,
  ]);
  return `<details id="${escape(method + path)}"><summary><b class="method">${
    escape(method)
  }</b><code>${escape(path)}</code><span class="dim">${
    escape(operation.summary ?? "")
  }</span></summary>
${operation.description ? `<p>${escape(operation.description)}</p>` : ""}
${table(parameters)}${bodies.join("")}${table(responses)}</details>`;
}

function schemaHtml(document: Json, schema: Json): string {
  const resolved = resolve(document, schema);
  const target = resolved?.type === "array"
    ? resolve(document, resolved.items)
    : resolved;
  if (!target?.properties) return "";
  const required: string[] = target.required ?? [];
  return table(
    Object.entries<Json>(target.properties).map(([name, property]) => [
      `<code>${escape(name)}</code>${
        required.includes(name) ? "" : ' <span class="dim">optional</span>'
      }`,
      escape(property.description ?? ""),
      typeText(property),
    ]),
  );
}

function resolve(document: Json, schema: Json): Json {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? "")?.[1];
  return name === undefined ? schema : document.components?.schemas?.[name];
}

function typeText(schema: Json): string {
  if (!schema) return "";
  const type = schema.enum
    ? schema.enum.join(" | ")
    : [schema.type].flat().join(" | ");
  return `<span class="dim">${escape(type ?? "")}</span>`;
}

function exampleText(example: Json): string {
  return typeof example === "string"
    ? example
    : JSON.stringify(example, null, 2);
}

function table(rows: string[][]): string {
  if (rows.length === 0) return "";
  return `<table>${
    rows.map((row) =>
      `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
    ).join("")
  }</table>`;
}

function escape(text: string): string {
  return String(text).replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
