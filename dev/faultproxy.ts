/**
 * A bad network between a client and a server, for tests.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./ports.ts";
import { until } from "./until.ts";

/** What goes wrong. */
export interface Faults {
  /**
   * - `pass`: nothing; bytes go both ways.
   * - `hang`: connections are accepted and stay open, and not a byte goes either way, as when a cable is pulled.
   * - `reset`: open connections are reset, and so is each new one.
   * - `refuse`: nobody listens; what is open stays open.
   *
   * @default {"pass"}
   */
  mode?: "pass" | "hang" | "reset" | "refuse";
  /**
   * Milliseconds by which each chunk is late, either way. Chunks keep their order.
   *
   * @default {0}
   */
  latencyMs?: number;
}

/** Where to. */
export interface FaultProxyOptions {
  /** The server behind the proxy. */
  target: { hostname?: string; port: number };
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** How many client connections are open. */
  readonly connections: number;
  /** Changes what goes wrong; what is not given stays. Resolves when the change is in effect. */
  set(faults: Faults): Promise<void>;
  /** Resets all open connections, once. */
  cut(): void;
  /** Ends the proxy and all its connections. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy that behaves until it is told otherwise.
 *
 * What is held back while it hangs is delivered when it passes again, as TCP does.
 *
 * @param options Where to.
 * @returns The proxy; dispose of it at the end of the test.
 *
 * @example
 * ```ts
 * await using proxy = await startFaultProxy({ target: redis });
 * await proxy.set({ mode: "hang" });
 * ```
 */
export async function startFaultProxy(
  { target }: FaultProxyOptions,
): Promise<FaultProxy> {
  const faults: Required<Faults> = { mode: "pass", latencyMs: 0 };
  const port = freePort();
  const open = new Map<
    Socket,
    { outward: Lane; inward: Lane; server: Socket }
  >();

  const accept = (client: Socket) => {
    if (faults.mode === "reset") return void client.resetAndDestroy();
    const server = connect({
      host: target.hostname ?? "127.0.0.1",
      port: target.port,
      noDelay: true,
      allowHalfOpen: true,
    });
    open.set(client, {
      outward: lane(client, server, faults),
      inward: lane(server, client, faults),
      server,
    });
    client.on("error", () => server.destroy()).on("close", () => {
      open.delete(client);
      server.destroy();
    });
    // An error of the server's side is an abrupt end for the client too.
    server.on("error", () => client.resetAndDestroy());
  };
  const cut = () => {
    for (const [client, { server }] of open) {
      client.resetAndDestroy();
      server.destroy();
    }
  };
  const set = async (change: Faults) => {
    Object.assign(faults, change);
    if (faults.mode === "reset") cut();
    for (const { outward, inward } of open.values()) {
      outward.flush();
      inward.flush();
    }
    if (faults.mode === "refuse") await unlisten();
    else await ensureListening();
  };

  let listening: Server | undefined;
  const ensureListening = async () => {
    if (listening) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    await new Promise<void>((resolve, reject) =>
      server.on("error", reject).listen(port, "127.0.0.1", resolve)
    );
    listening = server;
  };
  const unlisten = async () => {
    // `close` calls back once the last connection has ended, but stops listening at once: see that it does.
    listening?.close();
    listening = undefined;
    await until(() => refuses(port), {
      message: `port ${port} refuses connections`,
    });
  };
  const stop = async () => {
    faults.mode = "reset";
    cut();
    await unlisten();
  };
  await ensureListening();
  return {
    port,
    get connections() {
      return open.size;
    },
    set,
    cut,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** One direction of a connection. */
interface Lane {
  /** Delivers what is due. */
  flush(): void;
}

function lane(from: Socket, to: Socket, faults: Required<Faults>): Lane {
  // `null` is the end of the stream, which must not overtake the bytes before it.
  const held: { due: number; chunk: Uint8Array | null }[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    if (faults.mode === "hang") return;
    while (held.length > 0 && held[0].due <= Date.now()) {
      const { chunk } = held.shift()!;
      if (to.destroyed) continue;
      if (chunk === null) to.end();
      else if (!to.write(chunk)) from.pause();
    }
    if (held.length > 0) timer = setTimeout(flush, held[0].due - Date.now());
  };
  const hold = (chunk: Uint8Array | null) => {
    held.push({ due: Date.now() + faults.latencyMs, chunk });
    flush();
  };
  from.on("data", hold).on("end", () => hold(null));
  to.on("drain", () => from.resume()).on("close", () => {
    clearTimeout(timer);
    held.length = 0;
  });
  return { flush };
}

async function refuses(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused;
  }
}
