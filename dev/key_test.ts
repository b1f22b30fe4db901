import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseApiKeys } from "../core/auth.ts";
import { makeKey } from "./key.ts";
import { ROOT } from "./paths.ts";
import { taskCommand } from "./tasks.ts";

Deno.test("makeKey() makes a key whose entry the services take", () => {
  const { key, entry } = makeKey("gateway-1", "write");
  assert.match(key, /^em_[A-Za-z0-9_-]{43}$/);
  const [parsed] = parseApiKeys(entry);
  assert.equal(parsed.name, "gateway-1");
  assert.equal(parsed.scope, "write");
  assert.deepEqual(parsed.hash, createHash("sha256").update(key).digest());
});

Deno.test("makeKey() never makes the same key twice", () => {
  assert.notEqual(makeKey("a", "read").key, makeKey("a", "read").key);
});

Deno.test("makeKey() refuses a name or scope that the services would refuse", () => {
  assert.throws(() => makeKey("a:b", "read"), /"a:b" cannot be a name/);
  assert.throws(() => makeKey("a", "root"), /expected read, write or admin/);
});

Deno.test("deno task key prints the key and its entry, and needs no permission", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...(await taskCommand("key")).args, "meter-1", "read"],
    cwd: ROOT,
  }).output();
  assert.match(
    new TextDecoder().decode(stdout),
    /em_[\w-]{43}\n.*meter-1:[0-9a-f]{64}:read\n$/s,
  );
});
