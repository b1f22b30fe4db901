import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { streamOf } from "./testing/cut.ts";
import { checkUtf8, decodeUtf8, decodeUtf8Stream, readText } from "./text.ts";

const encoder = new TextEncoder();

/** Sends a body to a real server, whole or in two pieces, and gives what `readText()` made of it. */
async function sent(
  body: Uint8Array<ArrayBuffer>,
  whole: boolean,
): Promise<{ text: string; atOnce: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    { text: string; atOnce: boolean }
  >();
  const limits = { maxBytes: 1000, timeoutMs: 5000 };
  let arrived = () => {};
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const form = { gzip: false, length: body.length };
      const text = readText(request, form, limits);
      arrived();
      await Promise.resolve(text).then(
        (it) => resolve({ text: it, atOnce: typeof text === "string" }),
        reject,
      );
      return new Response();
    },
  );
  using connection = await Deno.connect({ port: server.addr.port });
  const head = encoder.encode(
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  const cut = whole ? body.length : 1;
  const begun = new Promise<void>((resolve) => arrived = resolve);
  await connection.write(Uint8Array.of(...head, ...body.subarray(0, cut)));
  if (!whole) {
    await begun;
    await connection.write(body.subarray(cut));
  }
  return await promise;
}

Deno.test("readText() gives the same of a body that has arrived, at once, and of one that is still arriving", async () => {
  for (const text of ["{}", "\uFEFF[1]", "\uFEFF\uFEFF[1]", "äß€😀", "a\0b"]) {
    const body = encoder.encode(text);
    const read = decodeUtf8(body);
    assertEquals(await sent(body, true), { text: read, atOnce: true });
    assertEquals(await sent(body, false), { text: read, atOnce: false });
  }
});

Deno.test("checkUtf8() refuses the text of a body that was not UTF-8, however it came", async () => {
  for (const bytes of [[0xff, 97], [97, 0xc3], [0xed, 0xa0, 0x80]]) {
    for (const whole of [true, false]) {
      const { text } = await sent(Uint8Array.from(bytes), whole);
      await assertRejects(() => checkUtf8(text), /not valid UTF-8/);
    }
  }
});

Deno.test("decodeUtf8() and decodeUtf8Stream() refuse what is not UTF-8 and drop a byte order mark", async () => {
  assertEquals(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 97])), "a");
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80]]) {
    const wrong = new Uint8Array(bytes);
    await assertRejects(() => decodeUtf8(wrong), /not valid UTF-8/);
    await assertRejects(async () => {
      for await (const _ of decodeUtf8Stream(streamOf([wrong])));
    }, /not valid UTF-8/);
  }
});
