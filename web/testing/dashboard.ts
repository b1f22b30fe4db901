/**
 * Runs the dashboard inside of a test, as it is built for production.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { setBuild } from "../fresh/app.ts";
import type { Build } from "../fresh/build.ts";
import { buildNow } from "../fresh/builder/builder.ts";
import { app } from "../main.ts";
import { services } from "../services.ts";
import { startFake } from "./fake.ts";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

let built: Promise<Build> | undefined;

/** The production build; made once for all tests of a process. */
export function testBuild(): Promise<Build> {
  return built ??= buildNow(root, "production");
}

/** A running dashboard. */
export interface Dashboard {
  url: string;
  stop(): Promise<void>;
}

/** Starts it on a free port, against services at these addresses. */
export async function startDashboard(
  at: { ingestion: string; processing: string },
  hostname = "127.0.0.1",
): Promise<Dashboard> {
  setBuild(app, await testBuild());
  Object.assign(services, at);
  const stopping = new AbortController();
  const server = Deno.serve(
    {
      port: 0,
      hostname,
      automaticCompression: true,
      signal: stopping.signal,
      onListen: () => {},
    },
    app.handler(),
  );
  return {
    url: `http://${hostname}:${server.addr.port}`,
    async stop() {
      stopping.abort();
      await server.finished;
    },
  };
}

/**
 * A dashboard before a stand-in, for one test.
 *
 * @param answer Answers instead of the stand-in
 * @param test Gets the address, and what the stand-in was called for
 */
export async function withDashboard(
  answer: (
    req: Request,
  ) => Response | undefined | Promise<Response | undefined>,
  test: (url: string, calls: string[]) => Promise<void>,
) {
  const fake = startFake({ answer });
  const dashboard = await startDashboard({
    ingestion: fake.url,
    processing: fake.url,
  });
  try {
    await test(dashboard.url, fake.calls);
  } finally {
    await dashboard.stop();
    await fake.stop();
  }
}
