import { assertEquals } from "../dev/testing/assert.ts";
import { readForm } from "./form.ts";

Deno.test("readForm() finds handling=lenient in a Prefer as RFC 7240 lets it be written", () => {
  const lenient = (prefer: string) =>
    readForm((name) =>
      new Headers({ "content-type": "text/csv", prefer }).get(name)
    ).lenient;
  for (
    const prefer of [
      "handling=lenient",
      'respond-async, Handling = "lenient"; foo=1',
    ]
  ) assertEquals(lenient(prefer), true, prefer);
  for (
    const prefer of [
      "handling=strict, handling=lenient",
      "x=handling",
      "hand ling=lenient",
      "",
    ]
  ) assertEquals(lenient(prefer), false, prefer);
});
