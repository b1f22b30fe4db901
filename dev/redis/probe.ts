/**
 * Asking a Redis something over a plain TCP connection: enough to see whether it is there, and whose it is.
 *
 * @module
 */

/** Where a Redis listens. */
export interface RedisAddress {
  /** Name or address of the host. */
  hostname: string;
  /** Its port. */
  port: number;
}

/**
 * Sends one command and returns its reply.
 *
 * @param address Where Redis listens.
 * @param command The command and its arguments.
 * @param timeoutMs How long to wait for the reply.
 * @returns A status, an integer or a string, as text.
 * @throws {Error} When nobody answers in time, or with an error.
 *
 * @example
 * ```ts
 * await askRedis({ hostname: "127.0.0.1", port: 6379 }, ["PING"]); // "PONG"
 * ```
 */
export async function askRedis(
  address: RedisAddress,
  command: string[],
  timeoutMs = 1000,
): Promise<string> {
  const connection = await Deno.connect(address);
  const timer = setTimeout(() => connection.close(), timeoutMs);
  try {
    const request = `*${command.length}\r\n` +
      command.map((word) => `$${byteLength(word)}\r\n${word}\r\n`).join("");
    let rest = new TextEncoder().encode(request);
    while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
    return await readReply(connection);
  } catch (error) {
    if (
      error instanceof Deno.errors.BadResource ||
      error instanceof Deno.errors.Interrupted
    ) {
      throw new Error(
        `Redis on ${address.hostname}:${address.port} did not answer ${
          command[0]
        } within ${timeoutMs} ms`,
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // The timer was first.
    }
  }
}

/** Which server it is that answers. */
export interface RedisIdentity {
  /** The pid it has for itself; in a container, the one in there. */
  pid: number;
  /** Its `run_id`, made up anew at each start. */
  runId: string;
}

/**
 * Says which server answers on a port.
 *
 * @param address Where Redis listens.
 * @returns What it says about itself.
 * @throws {Error} When no Redis answers, or one that is still loading.
 */
export async function identifyRedis(
  address: RedisAddress,
): Promise<RedisIdentity> {
  if (await askRedis(address, ["PING"]) !== "PONG") {
    throw new Error("Expected PONG as the answer to PING");
  }
  const info = await askRedis(address, ["INFO", "server"]);
  return {
    pid: Number(/^process_id:(\d+)/m.exec(info)?.[1]),
    runId: /^run_id:(\w+)/m.exec(info)?.[1] ?? "",
  };
}

async function readReply(connection: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16_384);
  let bytes = new Uint8Array(0);
  while (true) {
    const size = await connection.read(chunk);
    if (size === null) {
      throw new Error("Redis closed the connection before it had answered");
    }
    const joined = new Uint8Array(bytes.length + size);
    joined.set(bytes);
    joined.set(chunk.subarray(0, size), bytes.length);
    bytes = joined;
    const text = decoder.decode(bytes);
    const line = /^([-+:$])(.*?)\r\n/s.exec(text);
    if (!line) continue;
    const [head, kind, value] = line;
    if (kind === "-") throw new Error(value);
    if (kind !== "$") return value;
    if (Number(value) < 0) return "";
    const body = bytes.subarray(head.length, head.length + Number(value));
    if (bytes.length >= head.length + Number(value) + 2) {
      return decoder.decode(body);
    }
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
