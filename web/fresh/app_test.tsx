/**
 * The contract with Fresh: routes, pages, layouts and errors as the dashboard relies on them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { define, serve, show, text } from "./testing/app.tsx";

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
