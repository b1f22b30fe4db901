/**
 * The contract with Fresh: what the dashboard relies on, and what holds on Fresh itself, too.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  App,
  createDefine,
  csp,
  csrf,
  HttpError,
  page,
  staticFiles,
} from "fresh";
import { asset, Head } from "fresh/runtime";
import { setBuild } from "./app.ts";
import type { Build } from "./build.ts";

interface State {
  trail: string[];
}

const define = createDefine<State>();

function build(
  routes: Record<string, unknown>,
  more: Partial<Build> = {},
): Build {
  return {
    id: "b1",
    mode: "production",
    clientEntry: "/_fresh/js/client-X.js",
    islands: [],
    files: new Map(),
    routes: Object.entries(routes).map(([id, mod]) => ({ id, mod })),
    ...more,
  };
}

function serve(routes: Record<string, unknown>, more: Partial<Build> = {}) {
  const app = new App<State>().use(csp({ useNonce: true })).use(staticFiles())
    .fsRoutes();
  setBuild(app, build(routes, more));
  const handler = app.handler();
  return (path: string, init?: RequestInit) =>
    handler(new Request(`http://localhost${path}`, init));
}

const text = async (response: Response | Promise<Response>) =>
  await (await response).text();
const show = (word: string) => ({ default: define.page(() => <p>{word}</p>) });

Deno.test("fsRoutes() prefers literal names over parameters, and parameters over the rest", async () => {
  const get = serve({
    "[...rest]": show("rest"),
    "sites/[id]": {
      default: define.page(({ params }) => <p>site {params.id}</p>),
    },
    "sites/all": show("all"),
    "index": show("home"),
    "(group)/inside": show("inside"),
  });
  assert.match(await text(get("/")), /home/);
  assert.match(await text(get("/sites/all")), /all/);
  assert.match(await text(get("/sites/a%20b")), /site a b/);
  assert.match(await text(get("/inside")), /inside/);
  assert.match(await text(get("/sites/1/2")), /rest/);
});

Deno.test("page() hands data to the component and sends its status and headers", async () => {
  const handlers = define.handlers({
    GET: () => page({ word: "hi" }, { status: 201, headers: { "x-own": "1" } }),
  });
  const get = serve({
    index: {
      handlers,
      default: define.page<typeof handlers>(({ data }) => <p>{data.word}</p>),
    },
  });
  const response = await get("/");
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-own"), "1");
  assert.equal(
    response.headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  assert.match(await response.text(), /<p>hi<\/p>/);
});

Deno.test("a method without a handler is 405, HEAD is GET without a body, OPTIONS lists", async () => {
  const get = serve({
    index: { handlers: define.handlers({ GET: () => new Response("body") }) },
  });
  assert.equal((await get("/", { method: "POST" })).status, 405);
  const head = await get("/", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal(
    (await get("/", { method: "OPTIONS" })).headers.get("allow"),
    "GET",
  );
});

Deno.test("layouts nest inside of _app, and middleware of a folder sees what is below it only", async () => {
  const trail = (name: string) =>
    define.middleware((ctx) => {
      ctx.state.trail = [...ctx.state.trail ?? [], name];
      return ctx.next();
    });
  const layout = (name: string) => ({
    default: define.layout(({ Component }) => (
      <div class={name}>
        <Component />
      </div>
    )),
  });
  const get = serve({
    "_app": {
      default: define.layout(({ Component }) => (
        <html>
          <body>
            <Component />
          </body>
        </html>
      )),
    },
    "_layout": layout("outer"),
    "_middleware": { default: trail("root") },
    "a/_layout": layout("inner"),
    "a/_middleware": { handler: [trail("a1"), trail("a2")] },
    "a/index": {
      default: define.page(({ state }) => <p>{state.trail.join()}</p>),
    },
    "b": { default: define.page(({ state }) => <p>{state.trail.join()}</p>) },
  });
  assert.match(
    await text(get("/a")),
    /<body><div class="outer"><div class="inner"><p>root,a1,a2<\/p><\/div><\/div><\/body>/,
  );
  assert.match(await text(get("/b")), /<div class="outer"><p>root<\/p><\/div>/);
});

Deno.test("_error.tsx gets what was thrown and its status; _404.tsx is for 404 alone", async () => {
  const get = serve({
    "_404": { default: define.page(() => <p>no such page</p>) },
    "_error": {
      default: define.page(({ error }) => <p>{(error as Error).message}</p>),
    },
    "forbidden": {
      handlers: define.handlers({
        GET: () => {
          throw new HttpError(403, "not you");
        },
      }),
    },
    "broken": {
      default: define.page(() => {
        throw new Error("broke");
      }),
    },
  });
  const forbidden = await get("/forbidden");
  assert.equal(forbidden.status, 403);
  assert.match(await forbidden.text(), /not you/);
  const broken = await get("/broken");
  assert.equal(broken.status, 500);
  assert.match(await broken.text(), /broke/);
  const missing = await get("/missing");
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /no such page/);
});

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

Deno.test("<Head> replaces what _app.tsx says of the same thing, and adds the rest", async () => {
  const get = serve({
    "_app": {
      default: define.layout(({ Component }) => (
        <html>
          <head>
            <title>App</title>
            <meta name="description" content="app" />
          </head>
          <body>
            <Component />
          </body>
        </html>
      )),
    },
    "index": {
      default: define.page(() => (
        <main>
          <Head>
            <title>Page</title>
            <meta name="description" content="page" />
            <link rel="canonical" href="/x" />
          </Head>
          text
        </main>
      )),
    },
  });
  const html = await text(get("/"));
  assert.match(
    html,
    /<head><title>Page<\/title><meta name="description" content="page"\/><link rel="canonical" href="\/x"\/><\/head>/,
  );
  assert.match(html, /<main>text<\/main>/);
});

Deno.test("a link to this page or to one above it says so", async () => {
  const get = serve({
    "a/b": {
      default: define.page(() => (
        <nav>
          <a href="/a/b?x">1</a>
          <a href="/a">2</a>
          <a href="/c">3</a>
        </nav>
      )),
    },
  });
  assert.match(
    await text(get("/a/b")),
    /aria-current="page">1<.*aria-current="true">2<.*<a href="\/c">3/,
  );
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
