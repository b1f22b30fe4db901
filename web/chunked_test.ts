/**
 * Uploads through the dashboard: whole, refused, broken off, and without filling its memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { startService, until } from "../dev/testing.ts";
import { startDashboard } from "./testing/dashboard.ts";

const PART = 65_536;

/** A body of unknown length. */
function parts(count: number, part: () => Uint8Array<ArrayBuffer>) {
  let left = count;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(part());
      else controller.close();
    },
  });
}

/** A service that takes what is posted. */
function startSink(answer: (req: Request) => Promise<Response>) {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (req) => req.method === "POST" ? answer(req) : new Response("ok"),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function count(req: Request): Promise<Response> {
  let size = 0;
  for await (const chunk of req.body!) size += chunk.length;
  return Response.json({ size }, { status: 202 });
}

Deno.test("a body of unknown length arrives as it was", async () => {
  const received = createHash("sha256");
  await using sink = startSink(async (req) => {
    for await (const chunk of req.body!) received.update(chunk);
    return new Response("{}", { status: 202 });
  });
  const dashboard = await startDashboard({
    ingestion: sink.url,
    processing: sink.url,
  });
  try {
    const sent = createHash("sha256");
    const response = await fetch(`${dashboard.url}/api/ingestion/readings`, {
      method: "POST",
      body: parts(300, () => {
        const part = new Uint8Array(randomBytes(PART - 7));
        sent.update(part);
        return part;
      }),
    });
    assert.equal(response.status, 202);
    assert.equal(await response.text(), "{}");
    assert.equal(received.digest("hex"), sent.digest("hex"));
  } finally {
    await dashboard.stop();
  }
});

Deno.test("a body of unknown length may be empty", async () => {
  await using sink = startSink(count);
  const dashboard = await startDashboard({
    ingestion: sink.url,
    processing: sink.url,
  });
  try {
    const response = await fetch(`${dashboard.url}/api/ingestion/readings`, {
      method: "POST",
      body: parts(0, () => new Uint8Array()),
    });
    assert.deepEqual(await response.json(), { size: 0 });
  } finally {
    await dashboard.stop();
  }
});

Deno.test("a refusal before the end of the body is passed on", async () => {
  await using sink = startSink(async (req) => {
    await req.body!.getReader().read();
    return Response.json({ title: "Content Too Large" }, { status: 413 });
  });
  const dashboard = await startDashboard({
    ingestion: sink.url,
    processing: sink.url,
  });
  try {
    const response = await fetch(`${dashboard.url}/api/ingestion/readings`, {
      method: "POST",
      body: parts(20, () => new Uint8Array(PART)),
    });
    assert.equal(response.status, 413);
    assert.equal((await response.json()).title, "Content Too Large");
  } finally {
    await dashboard.stop();
  }
});

Deno.test("the service sees an upload break off when the browser goes", async () => {
  let end = "";
  await using sink = startSink((req) =>
    count(req).then(
      (answer) => (end = "whole", answer),
      () => (end = "broken", new Response()),
    )
  );
  const dashboard = await startDashboard({
    ingestion: sink.url,
    processing: sink.url,
  });
  try {
    const going = new AbortController();
    let sent = 0;
    const upload = fetch(`${dashboard.url}/api/ingestion/readings`, {
      method: "POST",
      signal: going.signal,
      body: new ReadableStream({
        pull(controller) {
          if (sent++ < 50) controller.enqueue(new Uint8Array(PART));
          else going.abort();
        },
      }),
    });
    await assert.rejects(upload);
    await until(() => end === "broken");
  } finally {
    await dashboard.stop();
  }
});

Deno.test({
  name:
    "a long upload does not fill memory, whether its length is known or not",
  // The peak is told by /proc.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using sink = startSink(count);
    await using web = await startService("web", {
      INGESTION_URL: sink.url,
      PROCESSING_URL: sink.url,
      HOST: "127.0.0.1",
    });
    const PARTS = 4_000;
    for (const known of [true, false]) {
      const head = known
        ? `content-length: ${PARTS * PART}`
        : "transfer-encoding: chunked";
      await using connection = asyncClose(
        await Deno.connect({ hostname: "127.0.0.1", port: web.port }),
      );
      const writer = connection.writable.getWriter();
      const text = new TextEncoder();
      await writer.write(text.encode(
        `POST /api/ingestion/readings HTTP/1.1\r\nhost: 127.0.0.1:${web.port}\r\nconnection: close\r\n${head}\r\n\r\n`,
      ));
      const before = known ? "" : `${PART.toString(16)}\r\n`;
      const part = text.encode(
        before + "x".repeat(PART) + (known ? "" : "\r\n"),
      );
      for (let i = 0; i < PARTS; i++) await writer.write(part);
      if (!known) await writer.write(text.encode("0\r\n\r\n"));
      const answer = await new Response(connection.readable).text();
      assert.match(answer, new RegExp(`"size":${PARTS * PART}`));
      const status = await Deno.readTextFile(`/proc/${web.pid}/status`);
      const peak = Number(status.match(/VmHWM:\s+(\d+) kB/)![1]) / 1_000;
      assert.ok(peak < 150, `the dashboard took ${peak} MB, known=${known}`);
    }
  },
});

function asyncClose(connection: Deno.TcpConn) {
  return {
    readable: connection.readable,
    writable: connection.writable,
    [Symbol.asyncDispose]() {
      try {
        connection.close();
      } catch {
        // The other side was first.
      }
      return Promise.resolve();
    },
  };
}
