import { createHash } from "node:crypto";
import {
  assertEquals,
  assertMatch,
  assertRejects,
} from "../dev/testing/assert.ts";
import { startService, until } from "../dev/testing.ts";
import { createAuth, parseApiKeys, type Scope } from "./auth.ts";
import { Problem } from "./problem.ts";

const hash = (key: string) => createHash("sha256").update(key).digest("hex");
const API_KEYS = `dash:${hash("r")}:read,meter:${hash("w")}:write,boss:${
  hash("a")
}:admin`;

function outcome(
  auth: ReturnType<typeof createAuth>,
  headers: Record<string, string>,
  scope: Scope,
): number | string | undefined {
  try {
    return auth.authorize((name) => new Headers(headers).get(name), scope)
      ?.name;
  } catch (error) {
    return (error as Problem).status;
  }
}

Deno.test("authorize() lets everyone through while no key is set", () => {
  const auth = createAuth({});
  assertEquals(auth.closed, false);
  assertEquals(outcome(auth, {}, "admin"), undefined);
});

Deno.test("authorize() tells 401 from 403, by scope", () => {
  const auth = createAuth({ API_KEYS });
  const as = (key: string, scope: Scope) =>
    outcome(auth, { "x-api-key": key }, scope);
  assertEquals(outcome(auth, {}, "read"), 401);
  assertEquals(as("wrong", "read"), 401);
  assertEquals(as("r", "read"), "dash");
  assertEquals(as("r", "write"), 403);
  assertEquals(as("w", "write"), "meter");
  assertEquals(as("w", "read"), 403);
  assertEquals(as("w", "admin"), 403);
  for (const scope of ["read", "write", "admin"] as const) {
    assertEquals(as("a", scope), "boss");
  }
});

Deno.test("authorize() takes a bearer token", () => {
  const auth = createAuth({ API_KEYS });
  assertEquals(outcome(auth, { authorization: "Bearer r" }, "read"), "dash");
  assertEquals(outcome(auth, { authorization: "bearer r" }, "read"), "dash");
  assertEquals(outcome(auth, { authorization: "Basic r" }, "read"), 401);
});

Deno.test("authorize() lets nobody through while API_KEYS_FILE holds no key", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "# none yet\n");
    const auth = createAuth({ API_KEYS_FILE: path });
    auth.stop();
    assertEquals(auth.closed, true);
    assertEquals(outcome(auth, {}, "read"), 401);
    assertEquals(outcome(auth, { "x-api-key": "r" }, "read"), 401);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("authorize() takes keys of API_KEYS and of the file, also after the file has changed", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `one:${hash("1")}:read\n`);
  const auth = createAuth({ API_KEYS, API_KEYS_FILE: path });
  const as = (key: string) => outcome(auth, { "x-api-key": key }, "read");
  assertEquals([as("r"), as("1")], ["dash", "one"]);
  await Deno.writeTextFile(path, `two:${hash("2").toUpperCase()}:read\n`);
  await until(() => as("2") === "two", { message: "the new key is known" });
  assertEquals([as("r"), as("1")], ["dash", 401]);
  auth.stop();
  await Deno.remove(path);
});

Deno.test("parseApiKeys() names the entry that is wrong, and repeats no hash", async () => {
  const { message } = await assertRejects(
    () => parseApiKeys(`a:${hash("x")}:read,b:${hash("y")}:root`),
    /entry 2/,
  );
  assertEquals(message.includes(hash("y")), false);
  await assertRejects(
    () => parseApiKeys(`a:${hash("x")}:read,a:${hash("y")}:read`),
    /only once/,
  );
});

Deno.test("API_KEYS_FILE is read again when it changes, and a broken one leaves the former keys", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `# keys\none:${hash("1")}:read\n`);
  const outcomes: unknown[] = [];
  const auth = createAuth(
    { API_KEYS_FILE: path },
    (outcome) => outcomes.push(outcome),
  );
  const as = (key: string) => outcome(auth, { "x-api-key": key }, "read");
  assertEquals(as("1"), "one");
  await Deno.writeTextFile(path, "nonsense");
  await until(() => outcomes.length > 0, { message: "it is noticed" });
  assertMatch(JSON.stringify(outcomes[0]), /entry 1/);
  assertEquals(as("1"), "one");
  await Deno.writeTextFile(path, `two:${hash("2")}:read\n`);
  await until(() => as("2") === "two", { message: "the new key is known" });
  assertEquals(as("1"), 401);
  auth.stop();
  await Deno.remove(path);
});

Deno.test("API_KEYS_FILE that stays broken is told of once, and again when it is broken in another way", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `one:${hash("1")}:read\n`);
  const outcomes: string[] = [];
  const { setInterval } = globalThis;
  let look = () => {};
  globalThis.setInterval = ((run: () => void) => {
    look = run;
    return setInterval(() => {}, 60_000);
  }) as typeof setInterval;
  const auth = createAuth(
    { API_KEYS_FILE: path },
    (outcome) => outcomes.push(JSON.stringify(outcome)),
  );
  globalThis.setInterval = setInterval;
  look();
  assertEquals(outcomes, [], "nothing has changed");
  await Deno.writeTextFile(path, "nonsense");
  for (let looks = 0; looks < 3; looks++) look();
  assertEquals(outcomes.length, 1);
  assertMatch(outcomes[0], /entry 1/);
  await Deno.remove(path);
  for (let looks = 0; looks < 3; looks++) look();
  assertEquals(outcomes.length, 2);
  assertMatch(outcomes[1], /cannot be read/);
  await Deno.writeTextFile(path, `one:${hash("1")}:read\n`);
  for (let looks = 0; looks < 3; looks++) look();
  assertEquals(outcomes.slice(2), ['{"count":1}']);
  auth.stop();
  await Deno.remove(path);
});

Deno.test("each service warns of an API_KEYS_FILE that broke while it runs, and says when it is read again", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `one:${hash("1")}:read\n`);
  const env = {
    REDIS_PORT: "1",
    API_KEYS: `zero:${hash("0")}:read`,
    API_KEYS_FILE: path,
  };
  const start = (name: string) => startService(name, env, { ready: false });
  await using ingestion = await start("ingestion");
  await using processing = await start("processing");
  const all = [ingestion, processing];
  /** What each service has logged about the file. */
  const said = () =>
    all.map((service) =>
      service.logs().split("\n").filter((line) => /API_KEYS_FILE/.test(line))
        .map((line) => JSON.parse(line))
        .map(({ level, message }) => `${level}: ${message}`)
    );
  await until(() => all.every((it) => it.logs().includes("Listening")));
  await Deno.writeTextFile(path, "nonsense");
  await until(() => said().every((lines) => lines.length === 1));
  await Deno.writeTextFile(path, `a:${hash("2")}:read,b:${hash("3")}:read`);
  await until(() => said().every((lines) => lines.length === 2));
  for (const [broken, whole] of said()) {
    assertMatch(
      broken,
      /^warning: API_KEYS_FILE is not used as it is now: entry 1 must be .*\. The keys read before stay in force\.$/,
    );
    assertEquals(whole, "info: API_KEYS_FILE was read again: 2 keys.");
  }
  await Deno.remove(path);
});

Deno.test("createAuth() names API_KEYS_FILE when the fault is in the file", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "dash:short:read\n");
    await assertRejects(
      () => createAuth({ API_KEYS_FILE: path }),
      /ConfigError: API_KEYS_FILE: entry 1 must be/,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("createAuth() refuses a name that API_KEYS and the file both have", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, `dash:${hash("other")}:read\n`);
    await assertRejects(
      () => createAuth({ API_KEYS, API_KEYS_FILE: path }),
      /ConfigError: API_KEYS_FILE: the name dash is in API_KEYS as well/,
    );
  } finally {
    await Deno.remove(path);
  }
});
