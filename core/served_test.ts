import { assertEquals } from "../dev/testing/assert.ts";
import { arrivedText, headersOf } from "./served.ts";

const NAMES = [
  "host",
  "content-type",
  "content-length",
  "prefer",
  "x-request-id",
  "x-other",
  "x-missing",
];

/** Sends a request word for word to a real server, and gives what `look()` saw there. */
async function served<T>(
  request: string,
  look: (request: Request) => T,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      try {
        resolve(look(request));
      } catch (error) {
        reject(error);
      }
      return new Response();
    },
  );
  using connection = await Deno.connect({ port: server.addr.port });
  const bytes = Uint8Array.from(request, (char) => char.charCodeAt(0));
  await connection.write(bytes);
  return await promise;
}

Deno.test("headersOf() gives what Headers gives, however the names are written and however often they come", async () => {
  for (
    const lines of [
      [],
      ["Content-Type: application/json", "X-REQUEST-ID: abc"],
      ["prefer: a", "x-other: 1", "Prefer:  handling=lenient  ", "PREFER: b"],
      ["x-request-id:", "x-other: \u00e4\u00ff", "prefer: a, b"],
      // Names of one length.
      ["x-othex: 1", "x-other: 2", "x-othe: 3"],
    ]
  ) {
    const head = ["POST /readings HTTP/1.1", "Host: a", ...lines].join("\r\n");
    const { found, wanted } = await served(
      `${head}\r\nContent-Length: 2\r\n\r\n{}`,
      (request) => ({
        found: NAMES.map(headersOf(request)),
        wanted: NAMES.map((name) => request.headers.get(name)),
      }),
    );
    assertEquals(found, wanted);
    assertEquals(found[2], "2");
  }
});

Deno.test("headersOf() reads a request that was made up, and one of which nothing more is known", () => {
  const headers = { "X-Other": "1", "content-type": "text/csv" };
  const madeUp = new Request("http://localhost", { headers });
  const unknown = { headers: madeUp.headers } as Request;
  for (const request of [madeUp, unknown]) {
    const header = headersOf(request);
    assertEquals(header("x-other"), "1");
    assertEquals(header("content-type"), "text/csv");
    assertEquals(header("x-missing"), null);
  }
  assertEquals(arrivedText(unknown), undefined);
});

Deno.test("headersOf() and arrivedText() take what the server has already", async () => {
  const head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}";
  const { text, asked } = await served(head, (request) => {
    let asked = false;
    Object.defineProperty(request, "headers", {
      get() {
        asked = true;
        return new Headers();
      },
    });
    headersOf(request)("host");
    return { text: arrivedText(request), asked };
  });
  assertEquals(text, "{}");
  assertEquals(asked, false);
});
