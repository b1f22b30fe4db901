import fc from "fast-check";
import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { cutAt, streamOf } from "./testing/cut.ts";
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

/** What `readText()` makes of a body that is said to have so many bytes. */
async function readFrom(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  length: number,
  timeoutMs: number,
): Promise<string> {
  const request = new Request("http://localhost/", { method: "POST", body });
  const limits = { maxBytes: 100_000, timeoutMs };
  return await readText(request, { gzip: false, length }, limits);
}

Deno.test("readText() takes a small body that comes steadily, and for longer than one may make no progress", async () => {
  const body = (async function* () {
    for (let piece = 0; piece < 10; piece++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield encoder.encode("a".repeat(1024));
    }
  })();
  const text = await readFrom(streamOf(body), 10 * 1024, 250);
  assertEquals(text, "a".repeat(10 * 1024));
});

Deno.test("readText() gives a client up that sends nothing for too long, however small its body", async () => {
  for (const length of [100, 1024, 1025, 65_536, 65_537]) {
    const silent = new ReadableStream();
    await assertRejects(
      () => readFrom(silent, length, 30),
      /came too slowly/,
    );
  }
});

Deno.test("checkUtf8() refuses the text of a body that was not UTF-8, however it came, and says where", async () => {
  const cases: [number[], string][] = [
    [[0xff, 97], "line 1, column 1"],
    [[97, 0xc3], "line 1, column 2"],
    [[0xed, 0xa0, 0x80], "line 1, column 1"],
    [[10, 0xef, 0xbf, 0xbd, 10, 0xff], "line 2, column 1"],
    [
      [0xef, 0xbb, 0xbf, 97, 13, 10, 0xc3, 0xa4, 98, 0xe2, 0x82, 10],
      "line 2, column 3",
    ],
  ];
  for (const [numbers, where] of cases) {
    const bytes = Uint8Array.from(numbers);
    const texts = [
      (await sent(bytes, true)).text,
      (await sent(bytes, false)).text,
      decodeUtf8(bytes),
    ];
    for (const text of texts) {
      await assertRejects(
        () => checkUtf8(text),
        new RegExp(`${where} the body is not valid UTF-8`),
      );
    }
  }
});

Deno.test("decodeUtf8Stream() gives what decodeUtf8() does wherever the bytes are cut, UTF-8 or not", async () => {
  const some = fc.constantFrom(
    ...["a", "\n", "ä", "€", "😀", "\uFEFF"].map((text) => [
      ...encoder.encode(text),
    ]),
    ...[[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0x80]],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(some, { maxLength: 12 }),
      fc.array(fc.nat(40), { maxLength: 12 }),
      async (parts, cuts) => {
        const bytes = Uint8Array.from(parts.flat());
        let text = "";
        const pieces = streamOf(cutAt(bytes, cuts));
        for await (const piece of decodeUtf8Stream(pieces)) text += piece;
        assertEquals(text, decodeUtf8(bytes));
      },
    ),
    {
      // A mark that a piece begins with, and that is not the body's.
      examples: [[[[97], [0xef, 0xbb, 0xbf]], [1]]],
    },
  );
});
