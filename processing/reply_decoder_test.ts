import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createReplyDecoder, type Reply } from "./reply_decoder.ts";
import type { RawEntry } from "./entry.ts";

const encoder = new TextEncoder();

function bulk(text: string): string {
  return `$${encoder.encode(text).length}\r\n${text}\r\n`;
}

/** What Redis sends. */
function encode(reply: Reply): string {
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  if (reply.length === 0) return "*-1\r\n";
  if (typeof reply[0] === "number") {
    return `*${reply.length}\r\n${reply.map((n) => `:${n}\r\n`).join("")}`;
  }
  const entries = (reply as RawEntry[]).map(([id, fields]) =>
    `*2\r\n${bulk(id)}` +
    (fields === null
      ? "*-1\r\n"
      : `*${fields.length}\r\n${fields.map(bulk).join("")}`)
  );
  return `*1\r\n*2\r\n${bulk("energy_readings")}*${entries.length}\r\n` +
    entries.join("");
}

function plain(replies: Reply[]) {
  return replies.map((reply) =>
    reply instanceof Error ? `-${reply.message}` : reply
  );
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("site_id", "1500.5", "\r\n", "$3\r\n", "é", "\uFEFFx"),
);
const entry: fc.Arbitrary<RawEntry> = fc.tuple(
  fc.nat().map((ms) => `${ms}-0`),
  fc.option(fc.array(text, { maxLength: 10 })),
);
const reply: fc.Arbitrary<Reply> = fc.oneof(
  fc.array(entry, { maxLength: 5 }),
  fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 5 }),
  fc.constantFrom(new Error("NOGROUP No such key"), new Error("LOADING")),
);

Deno.test("createReplyDecoder() gives what was sent, wherever the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(reply, { maxLength: 4 }),
    fc.array(fc.nat({ max: 40 })),
    (replies, cuts) => {
      const bytes = encoder.encode(replies.map(encode).join(""));
      const decoder = createReplyDecoder();
      const decoded: Reply[] = [];
      let from = 0;
      for (const cut of [...cuts, Infinity]) {
        const to = Math.min(bytes.length, from + cut);
        decoded.push(...decoder.push(bytes.subarray(from, to)));
        from = to;
      }
      assertEquals(plain(decoded), plain(replies));
    },
  ));
});

Deno.test("createReplyDecoder() refuses what is neither entries nor numbers", () => {
  for (const text of ["+OK\r\n", ":1\r\n", "$2\r\nOK\r\n", "*2\r\n$1\r\n"]) {
    let thrown: unknown;
    try {
      createReplyDecoder().push(encoder.encode(text));
    } catch (error) {
      thrown = error;
    }
    assert(thrown instanceof Error, text);
  }
});
