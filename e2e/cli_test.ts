/**
 * The command line of the services: what they say and how they end when they cannot start.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startService } from "../dev/testing.ts";
import { ROOT } from "../dev/paths.ts";
import { taskCommand } from "../dev/tasks.ts";
import { settingRows } from "../core/config.ts";
import { ingestionSettings } from "../ingestion/config.ts";
import { processingSettings } from "../processing/config.ts";

const SERVICES = [
  { name: "ingestion", settings: ingestionSettings },
  { name: "processing", settings: processingSettings },
];

for (const { name, settings } of SERVICES) {
  Deno.test(`${name} whose port is taken or whose address is not this machine's says so, names the setting, and ends with 1`, async () => {
    using listener = Deno.listen({ port: 0, hostname: "0.0.0.0" });
    const { port } = listener.addr as Deno.NetAddr;
    await using service = await startService(name, { PORT: String(port) }, {
      ready: false,
    });
    assertEquals((await service.exited).code, 1);
    assertMatch(service.logs(), new RegExp(`Port ${port} is taken.*PORT`));
    assert(!service.logs().includes("    at "), "a message, not a stack");
    // An address for documentation, which no machine has.
    await using far = await startService(name, { HOST: "192.0.2.1" }, {
      ready: false,
    });
    assertEquals((await far.exited).code, 1);
    assertMatch(far.logs(), /HOST 192.0.2.1 is not an address of this machine/);
  });

  Deno.test(`${name} with bad settings names each and what it should be, not the value, and ends with 2`, async () => {
    await using service = await startService(name, {
      LOG_LEVEL: "chatty-secret",
      REDIS_URL: "http://user:hunter2@localhost",
      REDIS_TIMEOUT_MS: "-1",
      API_KEYS: "",
    }, { ready: false });
    assertEquals((await service.exited).code, 2);
    assertMatch(service.logs(), /LOG_LEVEL must be debug, info, warning/);
    assertMatch(service.logs(), /REDIS_URL must look like redis:/);
    assertMatch(service.logs(), /REDIS_TIMEOUT_MS must be a whole number/);
    assert(!/hunter2|chatty-secret/.test(service.logs()), "no value is said");
  });

  Deno.test(`${name} with a malformed API_KEYS names it, says how to make one, and ends with 2`, async () => {
    await using service = await startService(name, {
      API_KEYS: "meter:my-plain-key:write",
    }, { ready: false });
    assertEquals((await service.exited).code, 2);
    assertMatch(service.logs(), /API_KEYS.*name:sha256:scope/);
    assert(!service.logs().includes("my-plain-key"), "the key is not said");
  });

  for (const file of ["API_KEYS_FILE", "REDIS_CA_FILE"]) {
    Deno.test(`${name} whose ${file} is not there names it and ends with 2`, async () => {
      await using service = await startService(name, {
        [file]: "/nowhere/file",
      }, { ready: false });
      assertEquals((await service.exited).code, 2);
      assertMatch(service.logs(), new RegExp(`${file} cannot be read`));
    });
  }

  Deno.test(`${name} --help lists every setting with its default, and ends with 0`, async () => {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [...(await taskCommand(name)).args, "--help"],
      cwd: ROOT,
    }).output();
    const help = new TextDecoder().decode(stdout);
    assertEquals(code, 0);
    for (const row of settingRows(settings)) {
      const line = help.split("\n").find((it) =>
        it.trimStart().startsWith(`${row.name} `)
      );
      assert(line !== undefined, `${row.name} is missing`);
      assert(line.includes(row.description), `${row.name} is not described`);
      assert(line.includes(row.default), `${row.name} lacks its default`);
    }
  });

  Deno.test(`${name} does not take an argument that it does not know`, async () => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...(await taskCommand(name)).args, "--hlep"],
      cwd: ROOT,
    }).output();
    assertEquals(code, 2);
    assertMatch(new TextDecoder().decode(stderr), /"--hlep".*--help/);
  });
}
