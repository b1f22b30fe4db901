import { assertEquals } from "./testing/assert.ts";
import { startDev } from "./testing/launcher.ts";
import { until } from "./until.ts";

Deno.test({
  name:
    "deno task dev runs and stops as ever where nothing that it prints can be written",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const dataDir = await Deno.makeTempDir();
    const unwritable = ["sh", "-c", 'exec "$@" >/dev/full 2>&1', "sh"];
    await using dev = startDev(dataDir, {}, {
      deno: [...unwritable, Deno.execPath()],
    });
    await until(async () => {
      const response = await fetch(`${dev.ingestion}/readyz`);
      await response.body?.cancel();
      return response.ok;
    }, { timeout: 60_000, message: "ingestion is ready" });
    dev.kill("SIGHUP");
    const { code, signal } = await dev.exited;
    assertEquals({ code, signal }, { code: 0, signal: null });
    const left = Array.from(
      Deno.readDirSync(`${dataDir}/redis`),
      ({ name }) => name,
    );
    assertEquals(left, ["appendonlydir"]);
    await Deno.remove(dataDir, { recursive: true });
  },
});
