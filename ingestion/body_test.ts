import fc from "fast-check";
import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { readBody, streamBody } from "./body.ts";
import { cutAt, gzip, streamOf } from "./testing/cut.ts";

const LIMITS = { maxBytes: 100_000, timeoutMs: 5000 };

function request(body: BodyInit, headers: Record<string, string> = {}) {
  return new Request("http://localhost/", { method: "POST", body, headers });
}

Deno.test("readBody() gives the bytes, whatever the pieces and whether compressed, in one gzip member or several", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(fc.nat(3000), { maxLength: 5 }),
      fc.option(fc.array(fc.nat(3000), { maxLength: 3 }), { nil: undefined }),
      async (bytes, cuts, members) => {
        const plain = Uint8Array.from(bytes);
        const packed = members &&
          await Promise.all(cutAt(plain, members).map(gzip));
        const sent = packed ? await new Blob(packed).bytes() : plain;
        const body = streamOf(cutAt(sent, cuts));
        const read = await readBody(request(body), !!packed, LIMITS);
        assertEquals([...read], [...bytes]);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("readBody() refuses a body that declares too much before it reads any of it", async () => {
  let read = false;
  const body = new ReadableStream({
    pull: (controller) => {
      read = true;
      controller.enqueue(new Uint8Array(10));
    },
  }, { highWaterMark: 0 });
  const sent = request(body, { "content-length": "100001" });
  await assertRejects(() => readBody(sent, false, LIMITS), /100000 bytes/);
  assert(!read);
});

Deno.test("readBody() refuses a body that turns out too large", async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
  });
  await assertRejects(
    () => readBody(request(endless), false, LIMITS),
    /100000 bytes/,
  );
});

Deno.test("streamBody() cuts a gzip bomb off and does not unpack it first", async () => {
  const bomb = await gzip(new Uint8Array(200_000_000));
  let length = 0;
  const limits = { ...LIMITS, maxBytes: 8_000_000 };
  await assertRejects(async () => {
    for await (const piece of streamBody(request(bomb), true, limits)) {
      length += piece.length;
    }
  }, /8000000 bytes/);
  assert(length <= 8_000_000);
});

Deno.test("readBody() refuses what is not gzip, and gzip that breaks off", async () => {
  const whole = await gzip("abc".repeat(1000));
  const cut = whole.slice(0, whole.length - 9);
  const wrong = [
    "",
    "abc",
    cut,
    new Blob([whole, cut]),
    new Blob([whole, "abc"]),
  ];
  for (const body of wrong) {
    await assertRejects(
      () => readBody(request(body), true, LIMITS),
      /not gzip, or breaks off/,
    );
  }
});

Deno.test("readBody() gives a client up that sends nothing for too long", async () => {
  for (const headers of [undefined, { "content-length": "10" }]) {
    const silent = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(5)),
    });
    await assertRejects(
      () =>
        readBody(request(silent, headers), false, { ...LIMITS, timeoutMs: 30 }),
      /came too slowly/,
    );
  }
});

Deno.test("readBody() gives a client up that drips, although each drop is in time", async () => {
  let drops = 0;
  const dripping = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      drops++;
      controller.enqueue(new Uint8Array(1));
    },
  });
  await assertRejects(
    () => readBody(request(dripping), false, { ...LIMITS, timeoutMs: 60 }),
    /came too slowly/,
  );
  assert(drops > 1);
});

Deno.test("streamBody() does not hold the time against a client for which it is made to wait", async () => {
  const body = streamOf([new Uint8Array(1), new Uint8Array(1)]);
  const limits = { ...LIMITS, timeoutMs: 40 };
  let pieces = 0;
  for await (const _ of streamBody(request(body), false, limits)) {
    pieces++;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assertEquals(pieces, 2);
});

Deno.test("readBody() says that a body broke off", async () => {
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error("reset")),
  });
  await assertRejects(
    () => readBody(request(broken), false, LIMITS),
    /broke off/,
  );
});
