import assert from "node:assert/strict";
import { complaintsAbout, freePort, isFree, portFromEnv } from "./ports.ts";

Deno.test("freePort() returns a port that can be listened on, outside of the range of outgoing connections", () => {
  const port = freePort();
  assert.ok(port >= 20_000 && port < 32_000);
  Deno.listen({ port, hostname: "127.0.0.1" }).close();
});

Deno.test("freePort() leaves out the ports that others will listen on", () => {
  const even = Array.from({ length: 6000 }, (_, i) => 20_000 + 2 * i);
  for (let i = 0; i < 10; i++) assert.equal(freePort(even) % 2, 1);
});

Deno.test("isFree() is false while somebody listens", () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  assert.equal(isFree(listener.addr.port, "127.0.0.1"), false);
  listener.close();
  assert.equal(isFree(listener.addr.port, "127.0.0.1"), true);
});

Deno.test("portFromEnv() names the variable when its value is not a port", () => {
  for (const value of ["http", "0", "65536", "80.5", "-1"]) {
    Deno.env.set("PORT_FROM_ENV_TEST", value);
    assert.throws(
      () => portFromEnv("PORT_FROM_ENV_TEST", 1),
      /PORT_FROM_ENV_TEST is ".*"; expected a port from 1 to 65535/,
    );
  }
  Deno.env.delete("PORT_FROM_ENV_TEST");
  assert.deepEqual(portFromEnv("PORT_FROM_ENV_TEST", 8000), {
    port: 8000,
    variable: "PORT_FROM_ENV_TEST",
  });
});

Deno.test("complaintsAbout() names a taken port with the variable that changes it", () => {
  for (const hostname of ["127.0.0.1", "0.0.0.0"]) {
    using listener = Deno.listen({ port: 0, hostname });
    const { port } = listener.addr;
    const [complaint, ...more] = complaintsAbout([{
      port,
      variable: "WEB_PORT",
    }], "0.0.0.0");
    assert.match(
      complaint,
      new RegExp(`Port ${port} is taken .*WEB_PORT=${port + 10}`),
    );
    assert.deepEqual(more, []);
  }
});

Deno.test("complaintsAbout() sees that two services want the same port", () => {
  const port = freePort();
  const wanted = [{ port, variable: "INGESTION_PORT" }, {
    port,
    variable: "WEB_PORT",
  }];
  assert.match(
    complaintsAbout(wanted, "0.0.0.0").join(),
    /wanted by both INGESTION_PORT and WEB_PORT/,
  );
});
