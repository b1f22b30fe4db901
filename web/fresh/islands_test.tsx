/**
 * Islands on the server: marked, imported once, their props written so that the browser reads the same.
 *
 * @module
 */
import { computed, type Signal, signal } from "@preact/signals";
import assert from "node:assert/strict";
import { App } from "fresh";
import { setBuild } from "./app.ts";
import { deserialize } from "./deserialize.ts";
import { serialize } from "./serialize.ts";

const Inner = ({ n }: { n: number }) => <i>{n}</i>;
const Outer = ({ n }: { n: number }) => (
  <b>
    <Inner n={n} />
  </b>
);
// deno-lint-ignore no-explicit-any
const Any = (_props: any) => <u />;

async function render(page: () => unknown): Promise<string> {
  const app = new App().fsRoutes();
  setBuild(app, {
    id: "1",
    mode: "production",
    clientEntry: "/c.js",
    files: new Map(),
    routes: [{ id: "index", mod: { default: page } }],
    islands: [
      { name: "Inner", exportName: "default", fn: Inner, file: "/inner.js" },
      { name: "Outer", exportName: "Outer", fn: Outer, file: "/outer.js" },
      { name: "Any", exportName: "Any", fn: Any, file: "/any.js" },
    ],
  });
  const response = await app.handler()(new Request("http://localhost/"));
  return await response.text();
}

Deno.test("an island inside of an island belongs to the outer one", async () => {
  const html = await render(() => <Outer n={1} />);
  assert.match(
    html,
    /<!--frsh:island:Outer:0:--><b><i>1<\/i><\/b><!--\/frsh:island-->/,
  );
  assert.ok(!html.includes("frsh:island:Inner"));
});

Deno.test("several of the same island are imported once, each with its own props", async () => {
  const html = await render(() => (
    <div>
      <Inner n={1} />
      <Inner n={2} />
    </div>
  ));
  assert.match(html, /frsh:island:Inner:0:.*frsh:island:Inner:1:/);
  assert.equal(html.split('from"/inner.js"').length, 2);
});

Deno.test("a page without islands loads no script", async () => {
  assert.ok(!(await render(() => <p>still</p>)).includes("<script"));
});

Deno.test("props cannot end the script that holds them", async () => {
  const html = await render(() => (
    <Any text="</script><script>alert(1)</script><!--" />
  ));
  assert.equal(html.split("</script>").length, 2);
  assert.ok(!html.includes("<!--<"));
});

Deno.test("children of an island are refused", async () => {
  // What is not caught by an error page is answered with 500.
  const quiet = console.error;
  console.error = () => {};
  try {
    assert.match(
      await render(() => (
        <Any>
          <p />
        </Any>
      )),
      /Internal server error/,
    );
  } finally {
    console.error = quiet;
  }
});

Deno.test("serialize() keeps what JSON loses", () => {
  const shared = { deep: [1, , 3] };
  const count = signal(5);
  const value = {
    text: 'quote " and </script>',
    numbers: [NaN, Infinity, -Infinity, -0, 0.1],
    nothing: undefined,
    null: null,
    big: 12345678901234567890n,
    date: new Date(1_700_000_000_000),
    map: new Map<unknown, unknown>([["a", new Set([1, 2])], [shared, 1]]),
    url: new URL("http://localhost/x?y"),
    regexp: /a+/gi,
    bytes: new Uint8Array([0, 255]),
    twice: [shared, shared],
    array: ["Date", 5],
    count,
    double: computed(() => count.value * 2),
    same: count,
  };
  const back = deserialize(serialize(value)) as typeof value;
  assert.equal(back.text, value.text);
  assert.deepEqual(back.numbers, value.numbers);
  assert.ok("nothing" in back && back.nothing === undefined);
  assert.equal(back.null, null);
  assert.equal(back.big, value.big);
  assert.equal(back.date.getTime(), value.date.getTime());
  assert.deepEqual([...(back.map.get("a") as Set<number>)], [1, 2]);
  assert.equal(back.url.href, value.url.href);
  assert.equal(String(back.regexp), String(value.regexp));
  assert.deepEqual(back.bytes, value.bytes);
  assert.equal(back.twice[0], back.twice[1]);
  assert.deepEqual(back.array, ["Date", 5]);
  assert.equal((back.count as Signal<number>).value, 5);
  assert.equal((back.double as Signal<number>).value, 10);
  assert.equal(
    back.count,
    back.same,
    "a signal in two islands is one signal in the browser",
  );
});

Deno.test("serialize() keeps cycles, and a key named __proto__ a key", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const back = deserialize(serialize(cycle)) as typeof cycle;
  assert.equal(back.self, back);
  const odd = deserialize(
    serialize(JSON.parse('{"__proto__":{"polluted":1}}')),
  ) as object;
  assert.equal(Object.getPrototypeOf(odd), Object.prototype);
  assert.ok(Object.hasOwn(odd, "__proto__"));
});

Deno.test("serialize() throws on functions, class instances and JSX, and names the place", () => {
  class Meter {}
  assert.throws(() => serialize({ a: [() => 1] }), /function: props\.a\[0\]/);
  assert.throws(
    () => serialize({ m: new Meter() }),
    /instance of Meter: props\.m/,
  );
  assert.throws(() => serialize({ v: <p /> }), TypeError);
});
