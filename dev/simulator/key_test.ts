import { makeKey } from "../key.ts";
import { assert, assertEquals, assertMatch } from "../testing/assert.ts";
import { startDev } from "../testing/launcher.ts";
import { until } from "../until.ts";

/** Which lines say that the simulator has ended. */
function ends(logs: string): string[] {
  return logs.split("\n").filter((line) => line.includes("** simulator ended"));
}

Deno.test("deno task dev with keys says what the simulator's has to be, does not start it again and again, and shows none", async () => {
  const dataDir = await Deno.makeTempDir();
  const reader = makeKey("reader", "read"), all = makeKey("all", "admin");
  const API_KEYS = `${reader.entry},${all.entry}`;
  for (
    const [API_KEY, refused] of [
      ["", /Ingestion answered 401: Send an API key/],
      [reader.key, /Ingestion answered 403: This needs a key of scope write/],
    ] as const
  ) {
    const keys = { API_KEYS, API_KEY };
    await using dev = startDev(dataDir, keys, { simulator: true });
    await dev.ready();
    await until(() => ends(dev.logs()).length > 0);
    assertMatch(dev.logs(), refused);
    assertMatch(dev.logs(), /Set API_KEY to a key of scope write, .*admin/);
    assertMatch(ends(dev.logs())[0], /is not started again/);
    assertMatch(dev.logs(), /Try:\n *curl .* -H 'authorization: Bearer KEY'/);
    dev.kill("SIGTERM");
    assertEquals((await dev.exited).code, 0);
    assertEquals(ends(dev.logs()).length, 1);
  }
  const keys = { API_KEYS, API_KEY: all.key };
  await using dev = startDev(dataDir, keys, { simulator: true });
  await dev.ready();
  await until(() => /Sent \d+ readings of the last 24/.test(dev.logs()));
  assert(!dev.logs().includes(all.key), "the key is not shown");
  dev.kill("SIGTERM");
  await dev.exited;
  await Deno.remove(dataDir, { recursive: true });
});
