import { Redis } from "ioredis";
import { assertEquals } from "../dev/testing/assert.ts";
import { testRedis } from "../dev/testing.ts";
import { outcomeOf } from "./redis_error.ts";
import { createScript } from "./script.ts";

const SECOND = "return redis.call('LLEN', KEYS[#KEYS])";

Deno.test("outcomeOf() names the key that holds something else, or the few that may be meant", async () => {
  await using server = await testRedis();
  const redis = new Redis(server.url);
  try {
    await redis.set("wrong", "x");
    const script = (source: string, keys: string[]) =>
      createScript(source)(redis, keys, ["more"]);
    const cases: [string, () => Promise<unknown>][] = [
      ["the key wrong", () => redis.lrange("wrong", 0, 1)],
      ["the key wrong", () => redis.xinfo("STREAM", "wrong")],
      [
        "the key wrong",
        () => redis.xgroup("CREATE", "wrong", "g", "$", "MKSTREAM"),
      ],
      ["the key wrong", () => redis.xread("COUNT", 1, "STREAMS", "wrong", 0)],
      ["the key right or wrong", () => script(SECOND, ["right", "wrong"])],
      [
        "a key of this system",
        () => script(SECOND, ["a", "b", "c", "d", "wrong"]),
      ],
      [
        "the key it:self",
        () =>
          script("return redis.error_reply('WRONGTYPE the key it:self is')", [
            "wrong",
          ]),
      ],
    ];
    for (const [which, ask] of cases) {
      const error = await ask().then(() => undefined, (error) => error);
      assertEquals(outcomeOf(error), {
        outcome: "refused",
        why:
          `${which} holds something else than this system puts there; rename or delete it`,
      });
    }
  } finally {
    redis.disconnect();
  }
});
