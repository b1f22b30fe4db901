import assert from "node:assert/strict";
import { dirname } from "node:path";
import { dockerRunArgs, START_SCRIPT } from "./docker.ts";
import { findRedis } from "./find.ts";

const SELECT = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";
const PUSH = "*3\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$7\r\n1500.5\0\r\n";
const TRANSACTION = `*1\r\n$5\r\nMULTI\r\n${PUSH}${PUSH}*1\r\n$4\r\nEXEC\r\n`;
const LAST = "appendonly.aof.10.incr.aof";
const MANIFEST = `file appendonly.aof.10.base.rdb seq 10 type b
file appendonly.aof.9.incr.aof seq 9 type i
file ${LAST} seq 10 type i
`;

/** Starts a Redis on each file, as the last one of a directory of its own, which says its version and ends. */
async function start(files: string[]) {
  const source = await findRedis({ own: true });
  if (source.kind === "external") throw new Error("Expected an own instance");
  const top = await Deno.makeTempDir();
  const names = files.map((_, index) => String(index));
  for (const [index, file] of files.entries()) {
    const dir = `${top}/${names[index]}`;
    await Deno.mkdir(dir);
    await Deno.writeTextFile(`${dir}/appendonly.aof.manifest`, MANIFEST);
    await Deno.writeTextFile(`${dir}/${LAST}`, file);
    await Deno.writeTextFile(`${dir}/appendonly.aof.9.incr.aof`, "*1\r\n$5");
  }
  const each =
    'for dir in "$1"/*; do sh "$2" "$dir" "$3" --version || exit; done';
  const { success, stdout, stderr } =
    await (source.kind === "binary"
      ? new Deno.Command("sh", {
        args: ["-c", each, "sh", top, START_SCRIPT, source.path],
        env: source.env,
      })
      : new Deno.Command(source.client, {
        args: dockerRunArgs({
          name: `energy-start-${crypto.randomUUID()}`,
          dir: top,
          port: 0,
          command: [
            ...["sh", "-c", each, "sh", "/data"],
            ...["/redis-start.sh", "redis-server"],
          ],
        }),
      })).output();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);
  const versions = new TextDecoder().decode(stdout).match(/ v=[78]\./g);
  assert.equal(versions?.length, files.length);
  const left = await Promise.all(
    names.map((name) => Deno.readTextFile(`${top}/${name}/${LAST}`)),
  );
  for (const name of names) {
    const before = `${top}/${name}/appendonly.aof.9.incr.aof`;
    assert.equal(await Deno.readTextFile(before), "*1\r\n$5");
  }
  await Deno.remove(top, { recursive: true });
  return { left, said };
}

Deno.test("Redis starts with whole transactions, wherever its file was cut off", async () => {
  const whole = [SELECT, TRANSACTION, PUSH];
  const text = whole.join("");
  const ends = whole.map((_, index) => whole.slice(0, index + 1).join(""));
  const cuts = Array.from(
    { length: text.length },
    (_, index) => text.slice(0, index + 1),
  );
  const { left, said } = await start(cuts);
  for (const [index, file] of left.entries()) {
    const cut = cuts[index];
    const should = ends.findLast((end) => cut.startsWith(end)) ?? "";
    assert.equal(JSON.stringify(file), JSON.stringify(should));
  }
  assert.match(said, /ends in the middle of a write: its last 13 bytes/);
});

Deno.test("nothing is cut out of a file that is broken with whole transactions behind", async () => {
  const broken = [
    `${SELECT}${TRANSACTION}\0\0\0\0${TRANSACTION}`,
    `${SELECT}${TRANSACTION.replace("RPUSH", "RPU")}${PUSH}${TRANSACTION}`,
  ];
  const { left, said } = await start(broken);
  assert.deepEqual(left, broken);
  assert.match(said, /is broken \d+ bytes before its end.*left as it is/);
});

Deno.test("a Redis without its redis-check-aof is started, and that it is missing is said", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${dir}/appendonly.aof.manifest`,
    MANIFEST,
  );
  await Deno.writeTextFile(`${dir}/${LAST}`, SELECT);
  const server = `${dir}/redis-server`;
  await Deno.writeTextFile(server, '#!/bin/sh\necho "started $*"\n', {
    mode: 0o755,
  });
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: [START_SCRIPT, dir, server, "--port", "1"],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "started --port 1\n");
  assert.match(
    new TextDecoder().decode(stderr),
    new RegExp(`no ${dirname(server)}/redis-check-aof`),
  );
  await Deno.remove(dir, { recursive: true });
});
