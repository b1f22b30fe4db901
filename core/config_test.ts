import { z } from "zod";
import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import {
  bytes,
  commonSettings,
  duration,
  flag,
  integer,
  loadConfig,
  settingRows,
} from "./config.ts";

const settings = z.object({
  SIZE: integer(1, 10).prefault("5").describe("A size"),
  WAIT: duration().prefault("15m"),
  MOST: bytes().prefault("8MiB"),
  ON: flag().prefault("false"),
  SECRET: z.string().min(8).optional(),
});

Deno.test("loadConfig() gives defaults, and takes an empty variable for an unset one", () => {
  assertEquals(loadConfig(settings, { SIZE: "", WAIT: " " }), {
    SIZE: 5,
    WAIT: 900_000,
    MOST: 8 * 1024 * 1024,
    ON: false,
  });
});

Deno.test("loadConfig() reads numbers, times and bytes in their units", () => {
  const env = { SIZE: "10", WAIT: "90d", MOST: "1GiB", ON: "true" };
  assertEquals(loadConfig(settings, env), {
    SIZE: 10,
    WAIT: 90 * 86_400_000,
    MOST: 1024 ** 3,
    ON: true,
  });
});

Deno.test("duration() and bytes() know all their units", () => {
  const of = (schema: z.ZodType, texts: string[]) =>
    texts.map((text) => schema.parse(text));
  assertEquals(of(duration(), ["7ms", "7s", "7m", "7h", "7d"]), [
    7,
    7000,
    420_000,
    25_200_000,
    604_800_000,
  ]);
  assertEquals(of(bytes(), ["7", "7B", "7KiB", "7MiB", "7GiB"]), [
    7,
    7,
    7168,
    7_340_032,
    7_516_192_768,
  ]);
});

Deno.test("loadConfig() refuses an address of Redis that cannot be one", async () => {
  const settings = z.object(commonSettings);
  for (
    const [name, value] of [
      ["REDIS_PORT", "0"],
      ["REDIS_PORT", "65536"],
      ["REDIS_SENTINELS", "a:26379,b"],
      ["REDIS_SENTINELS", "a:26379,"],
      ["REDIS_SENTINELS", "a:26379,b:99999"],
      ["REDIS_SENTINELS", "a:0"],
    ]
  ) {
    await assertRejects(
      () => loadConfig(settings, { [name]: value }),
      new RegExp(`${name} must be`),
    );
  }
  loadConfig(settings, { REDIS_SENTINELS: "a:26379, b:26379" });
});

Deno.test("loadConfig() names every bad variable and its rule, and never its value", async () => {
  const env = { SIZE: "11", WAIT: "soon", ON: "1", SECRET: "hunter2" };
  const { message } = await assertRejects(
    () => loadConfig(settings, env),
    /SIZE must be a whole number from 1 to 10/,
  );
  for (const name of ["WAIT", "ON", "SECRET"]) {
    assertEquals(message.includes(name), true, name);
  }
  assertEquals(/hunter2|soon/.test(message), false);
});

Deno.test("loadConfig() refuses numbers that only look like numbers", async () => {
  for (
    const SIZE of ["-1", "1.5", "1e1", "0x5", "five", "99999999999999999999"]
  ) {
    await assertRejects(() => loadConfig(settings, { SIZE }), /SIZE/);
  }
});

Deno.test("settingRows() lists each setting with its default", () => {
  assertEquals(settingRows(settings)[0], {
    name: "SIZE",
    default: "5",
    description: "A size",
  });
  for (const { name, description } of settingRows(z.object(commonSettings))) {
    assertEquals(description.length > 0, true, name);
  }
});

Deno.test("loadConfig() refuses a REDIS_URL that is none, and does not repeat it: it may hold the password", async () => {
  const settings = z.object({ REDIS_URL: commonSettings.REDIS_URL });
  for (
    const url of [
      "redis://user:hunter2@host:99999",
      "redis://user:hunter2%zz@host",
      "redis://user:hunter2@host/first",
      "http://hunter2",
    ]
  ) {
    const error = await assertRejects(
      () => loadConfig(settings, { REDIS_URL: url }),
      /ConfigError.*\n {2}REDIS_URL must look like/,
    );
    assertEquals(error.message.includes("hunter2"), false);
  }
  for (const url of ["redis://:p%40ss@[::1]:6380/2", "rediss://host/"]) {
    assertEquals(loadConfig(settings, { REDIS_URL: url }).REDIS_URL, url);
  }
});
