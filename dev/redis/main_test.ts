import { Redis } from "ioredis";
import { eachLine } from "../lines.ts";
import { DATA_DIR, ROOT } from "../paths.ts";
import { freePort } from "../ports.ts";
import { spawnTethered } from "../tether.ts";
import { assertEquals, assertMatch } from "../testing/assert.ts";
import { withoutData } from "../testing/launcher.ts";
import { until } from "../until.ts";

Deno.test("deno task redis runs a Redis that is set as that of deno task dev, and leaves nothing but the data", async () => {
  const root = await withoutData();
  await Deno.mkdir(`${root}/.data`);
  // What has been fetched need not be fetched again.
  await Deno.symlink(`${DATA_DIR}/apt`, `${root}/.data/apt`);
  const port = freePort();
  const child = spawnTethered(Deno.execPath(), {
    args: ["run", "-A", `${root}/dev/redis/main.ts`],
    cwd: root,
    env: {
      REDIS_URL: "",
      REDIS_HOST: "",
      REDIS_PORT: String(port),
      REDIS_LIST_COMPRESS_DEPTH: "",
    },
  });
  let text = "";
  const output = [child.stdout, child.stderr].map((stream) =>
    eachLine(stream, (line) => text += line + "\n")
  );
  await until(() => text.includes("Redis listens on"), { timeout: 60_000 });
  const client = new Redis({ port });
  const names = ["list-compress-depth", "appendonly", "appendfsync"];
  assertEquals(
    await Promise.all(names.map((name) => client.config("GET", name))),
    [["list-compress-depth", "1"], ["appendonly", "yes"], [
      "appendfsync",
      "always",
    ]],
  );
  client.disconnect();
  child.kill("SIGINT");
  assertEquals((await child.exited).code, 0, text);
  await Promise.all(output);
  const left = Array.from(
    Deno.readDirSync(`${root}/.data/redis`),
    ({ name }) => name,
  );
  assertEquals(left, ["appendonlydir"]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("deno task redis --help says how it is used, and what it does not know is refused with 2", async () => {
  for (
    const [argument, code, says] of [
      ["--help", 0, /^Usage: deno task redis\n/],
      [
        "--port",
        2,
        /^redis: "--port" is not understood\. It takes --help\.\n$/,
      ],
    ] as const
  ) {
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "dev/redis/main.ts", argument],
      cwd: ROOT,
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(output.code, code);
    assertMatch(decode(output.stdout) + decode(output.stderr), says);
  }
});
