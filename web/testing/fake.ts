/**
 * Stands in for ingestion and processing where a test needs a certain moment rather than a real system.
 *
 * @module
 */
import { LETTERS, pipeline } from "./fake_pipeline.ts";
import {
  answerSeries,
  answerSites,
  power,
  siteId,
  siteNow,
} from "./fake_sites.ts";

/** A running stand-in; both services on one port. */
export interface Fake {
  url: string;
  /** Pushes readings to whoever listens on `/live`. */
  push(sites: Record<string, unknown>): void;
  /** Pushes a stored reading to whoever listens to a site, and to nobody else. */
  store(reading: Record<string, unknown>): void;
  /** How many listen to events. */
  listeners(): number;
  /** What was called, `POST /readings`. */
  calls: string[];
  stop(): Promise<void>;
}

/** What the stand-in holds. */
export interface FakeOptions {
  sites?: number;
  port?: number;
  /** Answers instead of the stand-in. */
  answer?: (
    req: Request,
  ) => Response | undefined | Promise<Response | undefined>;
}

/** Starts a stand-in. */
export function startFake(
  { sites = 8, port = 0, answer }: FakeOptions = {},
): Fake {
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const calls: string[] = [];
  const encode = (event: string, data: unknown) =>
    new TextEncoder().encode(
      `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );
  let letters = LETTERS;

  const server = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    async (req) => {
      const url = new URL(req.url);
      calls.push(`${req.method} ${url.pathname}`);
      const own = await answer?.(req);
      if (own) return own;
      const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
      const index = Array.from({ length: sites }, (_, i) => siteId(i)).indexOf(
        parts[1],
      );
      if (url.pathname === "/health") {
        return Response.json({
          status: "healthy",
          redis: "connected",
        });
      }
      if (url.pathname === "/pipeline") return Response.json(pipeline());
      if (parts[0] === "dead-letters") {
        if (req.method !== "GET") {
          letters = parts[1] && parts[1] !== "replay"
            ? letters.filter(({ id }) => id !== parts[1])
            : [];
        }
        return Response.json({ count: letters.length, dead_letters: letters });
      }
      if (url.pathname === "/sites") return answerSites(sites, url);
      if (parts[2] === "series" && index >= 0) return answerSeries(index, url);
      if (parts[2] === "readings") {
        const now = Math.floor(Date.now() / 60_000) * 60_000;
        const readings = index < 0
          ? []
          : Array.from({ length: 50 }, (_, s) => ({
            id: `${now - s * 60_000}-0`,
            site_id: parts[1],
            device_id: "main",
            power_reading: Math.round(power(index, 0, now - s * 60_000) * 10) /
              10,
            timestamp: new Date(now - s * 60_000).toISOString(),
          }));
        return Response.json({
          site_id: parts[1],
          count: readings.length,
          readings,
        }, {
          headers: {
            link: `</sites/${parts[1]}/readings?cursor=abc>; rel="next"`,
          },
        });
      }
      if (url.pathname === "/readings") {
        return Response.json({ status: "accepted", id: "1-0" }, {
          status: 202,
        });
      }
      if (parts.at(-1) === "live") {
        let mine: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            mine = controller;
            listeners.add(controller);
            if (parts.length > 1) {
              return controller.enqueue(
                new TextEncoder().encode(": hello\n\n"),
              );
            }
            const now = Date.now();
            controller.enqueue(encode("snapshot", {
              sites: Object.fromEntries(
                Array.from(
                  { length: sites },
                  (_, i) => [siteId(i), siteNow(i, now)],
                ),
              ),
            }));
          },
          cancel: () => void listeners.delete(mine),
        });
        return new Response(body, {
          headers: { "content-type": "text/event-stream" },
        });
      }
      return Response.json({ title: "Not Found", status: 404 }, {
        status: 404,
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    calls,
    listeners: () => listeners.size,
    store(reading) {
      for (const controller of listeners) {
        controller.enqueue(encode("reading", reading));
      }
    },
    push(changed) {
      for (const controller of listeners) {
        controller.enqueue(encode("update", { sites: changed }));
      }
    },
    async stop() {
      for (const controller of listeners) controller.close();
      await server.shutdown();
    },
  };
}
