import fc from "fast-check";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { createLineSplitter, MAX_LINE } from "./lines.ts";
import { cutAt } from "./testing/cut.ts";

function split(pieces: string[]): string[] {
  const splitter = createLineSplitter();
  return [
    ...pieces.flatMap((piece) => splitter.push(piece)),
    ...splitter.end(),
  ];
}

Deno.test("createLineSplitter() cuts at LF and CRLF, with or without an end of the last line", () => {
  assertEquals(split(["a\nb\r\n\nc"]), ["a", "b", "", "c"]);
  assertEquals(split(["a\n"]), ["a"]);
  assertEquals(split([""]), []);
});

Deno.test("createLineSplitter() gives the same lines wherever the text is cut", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r", "\r\n", '"', "é"), {
    maxLength: 40,
  }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (text, cuts) => {
      assertEquals(split(cutAt(text, cuts)), split([text]));
    }),
  );
});

Deno.test("createLineSplitter() keeps no more of a long line than shows that it is too long", () => {
  const long = "x".repeat(MAX_LINE + 50);
  for (
    const pieces of [[long + "\nb"], [long.slice(0, 9), long.slice(9), "\nb"]]
  ) {
    const [first, second] = split(pieces);
    assertEquals(first.length, MAX_LINE + 1);
    assertEquals(second, "b");
  }
  const splitter = createLineSplitter();
  for (let i = 0; i < 100; i++) splitter.push(long);
  assert(splitter.end()[0].length === MAX_LINE + 1);
});
