import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { createLog } from "./log.ts";

/** The lines that a log of a form writes. */
async function linesOf(
  LOG_FORMAT: "json" | "text",
  write: (log: Awaited<ReturnType<typeof createLog>>) => void,
): Promise<string[]> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => lines.push(line);
  try {
    write(await createLog("test", { LOG_LEVEL: "info", LOG_FORMAT }));
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("a line of text has what its message does not say behind it, and nothing twice", async () => {
  const [line, ...more] = await linesOf("text", (log) => {
    const fields = {
      address: "redis:6379",
      reason: "away",
      ms: 1.5,
      list: [1],
    };
    log.warning("Redis at {address} cannot be used: {reason}.", fields);
    log.debug("not at this level");
  });
  assertMatch(
    line,
    /^\d\d:\d\d:\d\d\.\d{3} warning Redis at redis:6379 cannot be used: away\. ms=1\.5 list=\[1\]$/,
  );
  assertEquals(more, []);
});

Deno.test("a line of JSON has its message and every field", async () => {
  const [line] = await linesOf(
    "json",
    (log) => log.info("stored {count}", { count: 3, request_id: "a" }),
  );
  const { time, ...rest } = JSON.parse(line);
  assertMatch(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assertEquals(rest, {
    level: "info",
    service: "test",
    message: "stored 3",
    count: 3,
    request_id: "a",
  });
});
