/**
 * A keep-alive client that counts what fails: nothing is sent a second time behind the test's back, which `fetch`
 * may do when a kept connection turns out to be closed.
 *
 * @module
 */

/** What a client did. */
export interface ClientReport {
  answered: number;
  /** Requests without a whole answer. */
  failed: string[];
  /** Connections that were closed because an answer said so. */
  closed: number;
}

/**
 * Sends requests one after the other on one connection for as long as that may be kept. It leaves a connection only
 * when an answer says `Connection: close`, as a client behind a load balancer does.
 *
 * @param pick Where to connect, asked for each new connection: the load balancer.
 * @param body What to post.
 * @param signal Ends it after the request under way.
 * @returns What it did.
 */
export async function keepPosting(
  pick: () => number,
  body: string,
  signal: AbortSignal,
): Promise<ClientReport> {
  const report: ClientReport = { answered: 0, failed: [], closed: 0 };
  const request = new TextEncoder().encode(
    `POST /readings HTTP/1.1\r\nHost: ingestion\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  let connection: Deno.TcpConn | undefined;
  while (!signal.aborted) {
    try {
      connection ??= await Deno.connect({ port: pick() });
      await writeAll(connection, request);
      const head = await readAnswer(connection);
      if (!head.startsWith("HTTP/1.1 202 ")) throw new Error(head);
      report.answered++;
      if (!/^connection: close\r$/im.test(head)) continue;
      report.closed++;
    } catch (error) {
      report.failed.push(String(error));
    }
    connection?.close();
    connection = undefined;
  }
  connection?.close();
  return report;
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Reads an answer to its end; gives its head. */
async function readAnswer(from: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  let text = "";
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    const head = text.slice(0, end + 2);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? NaN);
    // All that ingestion answers is ASCII.
    if (end >= 0 && text.length >= end + 4 + length) return head;
    const count = await from.read(buffer);
    if (count === null) throw new Error(`cut off after: ${text}`);
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}
