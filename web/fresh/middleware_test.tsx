/**
 * The contract with Fresh: redirects, policy, other origins and static files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { App, csrf } from "fresh";
import { asset } from "fresh/runtime";
import { define, serve, show } from "./testing/app.tsx";

Deno.test("ctx.redirect() cannot lead to another host", async () => {
  const get = serve({
    index: {
      handlers: define.handlers({
        GET: (ctx) => ctx.redirect("//evil.example/a//b?x=//y"),
      }),
    },
  });
  const response = await get("/");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/evil.example/a/b?x=//y");
});

Deno.test("csp() replaces 'unsafe-inline' by the nonce of what was rendered", async () => {
  const get = serve({
    index: {
      default: define.page(() => (
        <script dangerouslySetInnerHTML={{ __html: "1" }} />
      )),
    },
  });
  const response = await get("/");
  const nonce = (await response.text()).match(/nonce="([^"]+)"/)?.[1];
  const policy = response.headers.get("content-security-policy")!;
  assert.ok(
    nonce && policy.includes(`script-src 'self' 'nonce-${nonce}'`),
    policy,
  );
  assert.ok(!policy.includes("unsafe-inline"));
});

Deno.test("csrf() refuses other origins, and lets pass who is no browser", async () => {
  const app = new App().use(csrf()).post("/", () => new Response("done"));
  const handler = app.handler();
  const post = async (headers: HeadersInit) =>
    (await handler(
      new Request("http://localhost/", { method: "POST", headers }),
    )).status;
  assert.equal(await post({}), 200);
  assert.equal(await post({ origin: "http://localhost" }), 200);
  assert.equal(await post({ origin: "http://evil.example" }), 403);
  assert.equal(
    await post({
      origin: "http://evil.example",
      "sec-fetch-site": "cross-site",
    }),
    403,
  );
  assert.equal(
    await post({ origin: "null", "sec-fetch-site": "same-origin" }),
    200,
  );
});

Deno.test("staticFiles() calls immutable only what asset() marked or the builder hashed", async () => {
  const file = (immutable: boolean) => ({
    bytes: new TextEncoder().encode("x"),
    contentType: "text/css",
    hash: "h",
    immutable,
  });
  const get = serve({ "[...any]": show("page") }, {
    files: new Map([["/a.css", file(false)], [
      "/_fresh/js/a-H.js",
      file(true),
    ]]),
  });
  const cache = async (path: string) =>
    (await get(path)).headers.get("cache-control");
  assert.match((await cache("/a.css"))!, /no-cache/);
  assert.match((await cache(asset("/a.css")))!, /immutable/);
  assert.match((await cache("/_fresh/js/a-H.js"))!, /immutable/);
  const old = await get("/a.css?__frsh_c=old");
  assert.equal(old.status, 307);
  assert.equal(old.headers.get("location"), "/a.css");
  const known = await get("/a.css", { headers: { "if-none-match": 'W/"h"' } });
  assert.equal(known.status, 304);
});
