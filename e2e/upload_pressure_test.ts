/**
 * A client that sends an upload faster than it is taken is slowed down, whatever the size of its HTTP chunks.
 *
 * @module
 */

import { assert } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { numbered, post } from "./testing/load.ts";
import { startSystem } from "./testing/system.ts";

/** What is taken, and what the sockets of both sides hold, is some 10 MB; more would be in ingestion's memory. */
const ENOUGH = 16_000_000;

/** Bytes that are ready to be sent, far more than may be on their way. */
const READY = 100_000_000;

Deno.test("an upload in small HTTP chunks that waits for processing waits in the network, not in memory", async () => {
  await using system = await startSystem({
    replicas: 0,
    ingestion: { MAX_BACKLOG: "50000" },
  });
  const { ingestion } = system;
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: ingestion.port,
  });
  const encoder = new TextEncoder();
  const line = JSON.stringify(numbered(1)) + "\n";
  const text = line.repeat(Math.ceil(1000 / line.length));
  const chunk = `${text.length.toString(16)}\r\n${text}\r\n`;
  const piece = encoder.encode(chunk.repeat(200));
  let sent = 0;
  const sending = (async () => {
    const writer = connection.writable.getWriter();
    await writer.write(encoder.encode(
      "POST /readings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n" +
        "prefer: handling=lenient\r\ntransfer-encoding: chunked\r\n\r\n",
    ));
    while (sent < READY) {
      await writer.write(piece);
      sent += piece.length;
    }
  })().catch(() => {});
  await until(async () => {
    const { status } = await post(ingestion.url, numbered(2));
    return status === 503;
  }, { message: "too much waits for processing" });
  let before = -1, looks = 0;
  await until(() => {
    looks = sent === before ? looks + 1 : 0;
    before = sent;
    return looks === 20;
  }, { message: "no more is sent" });
  assert(sent < ENOUGH, `${sent} bytes were sent`);
  connection.close();
  await sending;
});
