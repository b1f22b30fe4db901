import { assertEquals } from "./testing/assert.ts";
import { ROOT } from "./paths.ts";
import { withSettings } from "./settings.ts";

Deno.test("the README's table of settings is the one of the schemas (`deno task settings` writes it)", async () => {
  const text = await Deno.readTextFile(`${ROOT}/README.md`);
  // deno fmt pads the cells.
  const bare = (table: string) => table.replace(/ +/g, " ").replace(/-+/g, "-");
  assertEquals(bare(text), bare(withSettings(text)));
});
