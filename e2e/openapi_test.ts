/**
 * Both APIs are what their OpenAPI documents say.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { numbered, numberedBatch, post } from "./testing/load.ts";
import {
  assertDocumented,
  assertProblem,
  assertWellFormed,
  type Contract,
  type Operation,
  operations,
} from "./testing/contract.ts";
import { startSystem, type System } from "./testing/system.ts";

async function contract(url: string): Promise<Contract> {
  const response = await fetch(`${url}/openapi.json`);
  assertEquals(response.headers.get("content-type"), "application/json");
  return { url, document: await response.json() };
}

/** Both services, with something in them to show. */
async function contracts(system: System): Promise<Contract[]> {
  const { client, ingestion, replicas: [processing] } = system;
  await post(ingestion.url, numberedBatch(0, 50));
  await client.xadd("energy_readings", "*", "no", "reading");
  await system.drained();
  return [await contract(ingestion.url), await contract(processing.url)];
}

function needsQuery({ operation }: Operation): boolean {
  const parameters: { in: string; required?: boolean }[] =
    operation.parameters ?? [];
  return parameters.some((it) => it.in === "query" && it.required);
}

Deno.test("both OpenAPI documents are well formed, and hold all that the services promise", async () => {
  await using system = await startSystem();
  const [ingestion, processing] = await contracts(system);
  const common = [
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
  ];
  for (const { document } of [ingestion, processing]) {
    assertWellFormed(document);
    for (const path of common) assert(document.paths[path].get, path);
  }
  const names = ({ document }: Contract) =>
    operations(document).filter(({ path }) => !common.includes(path))
      .map(({ method, path }) => `${method} ${path}`).sort();
  assertEquals(names(ingestion), ["post /readings"]);
  const promised = [
    "delete /dead-letters",
    "delete /dead-letters/{id}",
    "get /dead-letters",
    "get /live",
    "get /pipeline",
    "get /sites",
    "get /sites/{site_id}/live",
    "get /sites/{site_id}/readings",
    "post /dead-letters/replay",
    "post /dead-letters/{id}/replay",
  ];
  const documented = names(processing);
  for (const name of promised) assert(documented.includes(name), name);
});

Deno.test("whatever wants a key documents 401, 403 and 503, what its answer is made of, and the header that resumes", async () => {
  await using system = await startSystem();
  for (const { document } of await contracts(system)) {
    const wanting = operations(document).filter(({ operation }) =>
      operation.security.length > 0
    );
    assert(wanting.length > 0);
    for (const { method, path, operation: { responses } } of wanting) {
      for (const status of [401, 403, 503]) {
        assert(responses[status], `${method} ${path} ${status}`);
      }
      assert(responses[204] ?? (responses[200] ?? responses[202]).content);
    }
    const live = document.paths["/sites/{site_id}/live"];
    const names = live?.get.parameters.map((it: { name: string }) => it.name);
    assertEquals(names, live && ["site_id", "Last-Event-ID"]);
  }
});

Deno.test("every documented GET answers as it is documented: status, content type and schema", async () => {
  await using system = await startSystem();
  for (const it of await contracts(system)) {
    let asked = 0;
    for (const at of operations(it.document)) {
      if (at.method !== "get") continue;
      const path = at.path.replace("{site_id}", "site-1");
      const response = await fetch(it.url + path);
      // What must be asked more precisely says so, in the documented way.
      assertEquals(response.status, needsQuery(at) ? 422 : 200, path);
      await assertDocumented(it, at, response);
      asked++;
    }
    assert(asked >= 6);
  }
});

Deno.test("each form that a GET is documented to have can be asked for by Accept", async () => {
  await using system = await startSystem();
  for (const it of await contracts(system)) {
    for (const at of operations(it.document)) {
      const types = Object.keys(at.operation.responses[200]?.content ?? {});
      if (at.method !== "get" || types.length < 2) continue;
      for (const accept of types) {
        const path = at.path.replace("{site_id}", "site-1");
        const response = await fetch(it.url + path, { headers: { accept } });
        const type = response.headers.get("content-type")!.split(";")[0];
        assertEquals(type, accept);
        const { headers, status } = response;
        const text = await response.text();
        if (accept.endsWith("ndjson")) continue;
        await assertDocumented(it, at, new Response(text, { headers, status }));
      }
    }
  }
});

Deno.test("POST /readings answers as it is documented, whether it is taken or not", async () => {
  await using system = await startSystem();
  const [it] = await contracts(system);
  const at = operations(it.document).find(({ method }) => method === "post")!;
  const one = JSON.stringify(numbered(1));
  const json = "application/json", ndjson = "application/x-ndjson";
  const cases: [number, string, string, Record<string, string>?][] = [
    [202, json, one],
    [202, json, `[${one},${one}]`],
    [202, ndjson, one],
    [202, ndjson, `${one}\n{"no":"reading"}`, { prefer: "handling=lenient" }],
    [400, json, "{"],
    [413, json, `[${Array(10_001).fill(one)}]`],
    [415, "image/png", one],
    [422, json, `{"site_id":"a b"}`],
    [422, ndjson, `${one}\n{"no":"reading"}`],
    [400, json, one, { "idempotency-key": "x".repeat(300) }],
  ];
  for (const [status, type, body, headers] of cases) {
    const response = await fetch(`${it.url}/readings`, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body,
    });
    await assertDocumented(it, at, response);
    assertEquals(response.status, status, `${type} ${body.slice(0, 80)}`);
  }
  await system.client.config("SET", "maxmemory", "1");
  const full = await fetch(`${it.url}/readings`, {
    method: "POST",
    headers: { "content-type": json },
    body: one,
  });
  assertEquals(full.status, 503);
  await assertDocumented(it, at, full);
});

Deno.test("dead letters are listed, replayed and deleted as it is documented", async () => {
  await using system = await startSystem();
  const [, it] = await contracts(system);
  const call = async (method: string, template: string, id = "") => {
    const at = operations(it.document).find((at) =>
      at.method === method && at.path === template
    )!;
    const response = await fetch(it.url + template.replace("{id}", id), {
      method: method.toUpperCase(),
    });
    const body = await assertDocumented(it, at, response);
    return { status: response.status, body };
  };
  const list = await call("get", "/dead-letters");
  assertEquals(list.body.count, 1);
  const { id } = list.body.dead_letters[0];
  const { status } = await call("post", "/dead-letters/{id}/replay", id);
  assert(status >= 200 && status < 300, `${status}`);
  assertEquals((await call("delete", "/dead-letters/{id}", id)).status, 404);
  assertEquals((await call("delete", "/dead-letters/{id}", "x")).status, 422);
  await system.drained();
  await call("post", "/dead-letters/replay");
  await system.drained();
  await call("delete", "/dead-letters");
  assertEquals((await call("get", "/dead-letters")).body.count, 0);
});

Deno.test("what no route answers is a problem document, too", async () => {
  await using system = await startSystem();
  const services = [system.ingestion, system.replicas[0]];
  for (const { url } of services) {
    const cases = [["GET", "/nothing", 404], ["PUT", "/health", 405]] as const;
    for (const [method, path, status] of cases) {
      const response = await fetch(url + path, { method });
      assertProblem(response, await response.json());
      assertEquals(response.status, status);
      if (status === 405) assertEquals(response.headers.get("allow"), "GET");
    }
  }
});

Deno.test("/docs shows every path of the document and needs nothing from elsewhere", async () => {
  await using system = await startSystem();
  for (const { url, document } of await contracts(system)) {
    const response = await fetch(`${url}/docs`);
    const html = await response.text();
    const text = html.replace(
      /&#(\d+);/g,
      (_, code) => String.fromCharCode(code),
    );
    for (const { method, path, operation } of operations(document)) {
      assert(text.includes(`id="${method}${path}"`), `${method} ${path}`);
      assert(text.includes(operation.summary), operation.summary);
    }
    assert(!/<script|<link|<img|<iframe|@import|url\(/i.test(html), "no parts");
    const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)];
    assertEquals(addresses.map(([, it]) => it), ["openapi.json"]);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert(policy.includes("default-src 'none'"), "nothing may be fetched");
  }
});
