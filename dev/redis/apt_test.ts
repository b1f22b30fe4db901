import assert from "node:assert/strict";
import { fakeProgram, withEnv } from "../testing/environment.ts";
import { until } from "../until.ts";
import { fetchFromApt } from "./apt.ts";

const debian = await Deno.stat("/var/lib/dpkg/status").then(
  () => true,
  () => false,
);

Deno.test("fetchFromApt() says so where there is no apt", async () => {
  const dir = await Deno.makeTempDir();
  const result = await withEnv({ PATH: dir }, () => fetchFromApt({ dir }));
  assert.match(
    "why" in result ? result.why : "",
    debian ? /^apt-get is missing/ : /not Debian or Ubuntu/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("fetchFromApt() uses again what was fetched, with its libraries", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/root/usr/bin`, { recursive: true });
  await Deno.mkdir(`${dir}/root/usr/lib/x86_64-linux-gnu`, { recursive: true });
  const path = await fakeProgram(`${dir}/root/usr/bin`, "redis-server", "exit");
  const env = { LD_LIBRARY_PATH: `${dir}/root/usr/lib/x86_64-linux-gnu` };
  assert.deepEqual(await fetchFromApt({ dir, offline: true }), { path, env });
  await Deno.remove(dir, { recursive: true });
});

Deno.test({
  name: "fetchFromApt() says what keeps apt-get from the network",
  ignore: !debian,
  fn: async () => {
    const dir = await Deno.makeTempDir(), bin = await Deno.makeTempDir();
    await fakeProgram(bin, "dpkg-deb", "exit");
    // As apt-get 2.6 behind a proxy that is not there.
    const refused = "http://deb.debian.org/x  Could not connect to 127.0.0.1:1";
    await fakeProgram(
      bin,
      "apt-get",
      `case "$*" in
  *update) echo "W: Failed to fetch ${refused}" >&2
    echo "W: Some index files failed to download." >&2 ;;
  *install*) echo "E: Unable to locate package redis-server" >&2; exit 100 ;;
esac`,
    );
    assert.deepEqual(
      await withEnv({ PATH: bin }, () => fetchFromApt({ dir })),
      {
        why:
          `the distribution's package cannot be fetched: Failed to fetch ${refused}; Unable to locate package redis-server`,
      },
    );
    for (const it of [dir, bin]) await Deno.remove(it, { recursive: true });
  },
});

Deno.test({
  name:
    "fetchFromApt() ends apt-get when it is told to, and leaves nothing of this start nor of one that was killed",
  ignore: !debian,
  fn: async () => {
    const dir = await Deno.makeTempDir(), bin = await Deno.makeTempDir();
    await fakeProgram(bin, "dpkg-deb", "exit");
    await fakeProgram(
      bin,
      "apt-get",
      `[ "$1" = --version ] && exit; echo $$ >${bin}/pid; exec /bin/sleep 60`,
    );
    await Deno.mkdir(`${dir}/fetch-1/cache`, { recursive: true });
    const stop = new AbortController();
    const fetching = assert.rejects(
      withEnv(
        { PATH: bin },
        () => fetchFromApt({ dir, signal: stop.signal }),
      ),
      { name: "AbortError" },
    );
    const pid = await until(async () =>
      Number(await Deno.readTextFile(`${bin}/pid`))
    );
    stop.abort();
    await fetching;
    assert.throws(() => Deno.kill(pid, "SIGCONT"));
    const left = Array.from(Deno.readDirSync(dir), ({ name }) => name);
    assert.deepEqual(left, ["fetch.lock"]);
    for (const it of [dir, bin]) await Deno.remove(it, { recursive: true });
  },
});
