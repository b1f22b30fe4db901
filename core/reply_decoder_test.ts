import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createReplyDecoder, type Reply } from "./reply_decoder.ts";

const encoder = new TextEncoder();

/** What Redis sends. */
function encode(reply: Reply): string {
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (typeof reply === "string") {
    return `$${encoder.encode(reply).length}\r\n${reply}\r\n`;
  }
  if (reply === null) return "$-1\r\n";
  return `*${reply.length}\r\n${reply.map(encode).join("")}`;
}

/** The same with each error as its message, which can be compared. */
function plain(reply: Reply): unknown {
  if (reply instanceof Error) return { error: reply.message };
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

const reply = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom("site_id", "1500.5", "\r\n", "$3\r\n", "é", "\uFEFFx", ""),
    fc.maxSafeInteger(),
    fc.constantFrom(null, new Error("NOGROUP No such key"), new Error("é")),
    fc.array(tie("reply"), { maxLength: 5 }),
  ),
})).reply;

/** What is decoded of bytes that come in pieces. */
function decode(bytes: Uint8Array, cuts: number[]): Reply[] {
  const decoder = createReplyDecoder();
  const decoded: Reply[] = [];
  let from = 0;
  for (const cut of [...cuts, Infinity]) {
    const to = Math.min(bytes.length, from + cut);
    decoded.push(...decoder.push(bytes.subarray(from, to)));
    from = to;
  }
  return decoded;
}

Deno.test("createReplyDecoder() gives what was sent, wherever the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(reply, { maxLength: 4 }),
    fc.array(fc.nat({ max: 40 })),
    (replies, cuts) => {
      const bytes = encoder.encode(replies.map(encode).join(""));
      assertEquals(decode(bytes, cuts).map(plain), replies.map(plain));
    },
  ));
});

Deno.test("createReplyDecoder() knows a simple string and an array that is not there", () => {
  const bytes = encoder.encode("+OK\r\n*2\r\n*-1\r\n+\r\n*0\r\n");
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(decode(bytes, [cut]), ["OK", [null, ""], []]);
  }
});

Deno.test("createReplyDecoder() refuses what is not Redis's protocol", () => {
  for (
    const text of ["OK\r\n", "*1\r\n?\r\n", "HTTP/1.1 400 Bad Request\r\n"]
  ) {
    let thrown: unknown;
    try {
      createReplyDecoder().push(encoder.encode(text));
    } catch (error) {
      thrown = error;
    }
    assert(thrown instanceof Error, text);
  }
});
