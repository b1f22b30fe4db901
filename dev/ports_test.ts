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

/** What is said about a port that is wanted by the dashboard alone. */
function complaint(port: number, hostname = "0.0.0.0"): string {
  const [first, ...more] = complaintsAbout(
    [{ port, variable: "WEB_PORT" }],
    hostname,
  );
  assert.deepEqual(more, []);
  return first;
}

/** The port that a complaint recommends. */
function recommended(text: string): number {
  return Number(/ for example WEB_PORT=(\d+)$/.exec(text)?.[1]);
}

Deno.test("complaintsAbout() names a taken port with the variable that changes it, and one that is free", () => {
  for (const hostname of ["127.0.0.1", "0.0.0.0"]) {
    using listener = Deno.listen({ port: freePort(), hostname });
    const { port } = listener.addr;
    using _next = Deno.listen({ port: port + 10, hostname });
    const text = complaint(port);
    assert.match(text, new RegExp(`^Port ${port} is taken `));
    assert.ok(recommended(text) > port + 10, text);
    assert.ok(isFree(recommended(text), "0.0.0.0"), text);
  }
  using _last = Deno.listen({ port: 65_535, hostname: "0.0.0.0" });
  assert.ok(recommended(complaint(65_535)) < 65_535);
});

Deno.test("complaintsAbout() names HOST once when it is not an address of this machine", () => {
  const wanted = ["INGESTION_PORT", "WEB_PORT"].map((variable) => ({
    port: freePort(),
    variable,
  }));
  // An address for documentation, a name that nobody has, and what is none.
  for (const host of ["192.0.2.1", "nowhere.invalid", "http://here"]) {
    assert.deepEqual(complaintsAbout(wanted, host), [
      `HOST ${host} is not an address of this machine. Use 0.0.0.0 for all of them or 127.0.0.1 for this machine alone.`,
    ]);
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
