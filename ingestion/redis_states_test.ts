import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { READING, startIngestion } from "./testing/harness.ts";

Deno.test("what a Redis refuses for a state that it is in was not taken, and the answer says which state", async () => {
  await using h = await startIngestion({}, { own: true });
  const other = h.client.duplicate();
  const busy = () =>
    other.ping().then(() => false, (error) => /^BUSY/.test(error.message));
  try {
    for (
      const [why, begin, end] of [
        [
          "too few replicas are in reach",
          () => h.client.config("SET", "min-replicas-to-write", "1"),
          () => h.client.config("SET", "min-replicas-to-write", "0"),
        ],
        [
          "its user may not do this",
          () => h.client.call("ACL", "SETUSER", "default", "-xadd"),
          () => h.client.call("ACL", "SETUSER", "default", "+xadd"),
        ],
        [
          "it is busy with a script",
          async () => {
            await h.client.config("SET", "busy-reply-threshold", "1");
            h.client.eval("while true do end", 0).catch(() => {});
            await until(busy, { message: "it is busy" });
          },
          () => other.script("KILL"),
        ],
      ] as [string, () => Promise<unknown>, () => Promise<unknown>][]
    ) {
      await begin();
      const { status, headers, body } = await h.postJson(READING);
      await end();
      assertEquals([status, headers.get("retry-after")], [503, "1"], why);
      assertMatch(body.type, /:redis-unavailable$/);
      assertMatch(body.detail, new RegExp(`${why}. These were not stored`));
      await until(async () => (await h.postJson(READING)).status === 202, {
        message: "readings are taken again",
      });
    }
    assertEquals((await h.entries()).length, 3);
  } finally {
    other.disconnect();
  }
});
