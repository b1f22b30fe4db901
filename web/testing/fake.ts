/**
 * Stands in for ingestion and processing where a test needs a certain moment rather than a real system.
 *
 * @module
 */

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

const KINDS = ["house", "office", "factory", "depot", "school"];

/** A day curve: a base, a working day, the sun. */
function power(site: number, device: number, ms: number): number {
  const hour = (ms / 3_600_000) % 24;
  const noise = Math.sin(ms / 61_000 + site * 7 + device) * 0.06 + 1;
  if (device === 1) {
    return -Math.max(0, Math.sin((hour - 6) / 12 * Math.PI)) * 3200 *
      (1 + site % 3) * noise;
  }
  const work = hour > 7 && hour < 19 ? 1 : 0.25;
  return (420 + work * 2600 * (1 + site % 5) +
    900 * Math.exp(-((hour - 19) ** 2) / 4)) * noise;
}

const siteId = (i: number) =>
  `${KINDS[i % KINDS.length]}-${
    String(Math.floor(i / KINDS.length) + 1).padStart(3, "0")
  }`;

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
  const devicesOf = (i: number) => (i % 3 === 0 ? ["main", "solar"] : ["main"]);
  const siteNow = (i: number, ms: number) => ({
    last_heard: new Date(ms).toISOString(),
    devices: devicesOf(i).map((device_id, d) => ({
      device_id,
      power_reading: power(i, d, ms),
      timestamp: new Date(ms).toISOString(),
    })),
  });
  const answerSites = (url: URL) => {
    const now = Date.now();
    const since = Date.parse(url.searchParams.get("since") ?? "");
    const list = Array.from({ length: sites }, (_, i) => ({
      site_id: siteId(i),
      count: 1440,
      ...siteNow(i, now),
      ...(since > 0 && {
        means: Array.from(
          { length: Math.floor((now - since) / 900_000) },
          (_, s) => ({
            start: new Date(since + s * 900_000).toISOString(),
            mean: devicesOf(i).reduce(
              (sum, _, d) => sum + power(i, d, since + s * 900_000),
              0,
            ),
          }),
        ),
        today: {
          import_kwh: 12.3 * (1 + i % 7),
          export_kwh: i % 3 === 0 ? 4.2 * (1 + i % 3) : 0,
        },
      }),
    }));
    return Response.json({ count: list.length, sites: list });
  };
  const steps: Record<string, number> = {
    "1m": 60_000,
    "5m": 300_000,
    "15m": 900_000,
    "1h": 3_600_000,
    "1d": 86_400_000,
  };
  const answerSeries = (i: number, url: URL) => {
    const ms = steps[url.searchParams.get("step")!] ?? 30 * 86_400_000;
    const from = Math.floor(Date.parse(url.searchParams.get("from")!) / ms) *
      ms;
    const to = Math.min(Date.now(), Date.parse(url.searchParams.get("to")!));
    return Response.json({
      site_id: siteId(i),
      step: url.searchParams.get("step"),
      devices: devicesOf(i).map((device_id, d) => ({
        device_id,
        points: Array.from({ length: Math.ceil((to - from) / ms) }, (_, s) => {
          const start = from + s * ms;
          const mean = power(i, d, start);
          const kwh = mean * ms / 3.6e9;
          return {
            start: new Date(start).toISOString(),
            mean,
            min: mean,
            max: mean,
            import_kwh: Math.max(0, kwh),
            export_kwh: Math.max(0, -kwh),
            count: 60,
            coverage: 1,
          };
        }).filter((_, s, all) =>
          s < all.length * 0.42 || s > all.length * 0.46
        ),
      })),
    });
  };
  const pipeline = () => {
    const now = Date.now();
    const wave = (s: number, by: number) =>
      40 + 12 * Math.sin((s + by) / 17) + 3 * Math.sin(s * 3.7);
    return {
      stream: { length: 84213, bytes: 12_400_000, entries_added: 1_402_113 },
      group: {
        lag: 3,
        pending: 14,
        backlog: 17,
        consumers: [
          {
            name: "processing-7c9d-x2lqp",
            pending: 9,
            idle_ms: 42,
            alive: true,
          },
          {
            name: "processing-7c9d-m4hzt",
            pending: 5,
            idle_ms: 61,
            alive: true,
          },
          {
            name: "processing-7c9d-old1",
            pending: 0,
            idle_ms: 92_000,
            alive: false,
          },
        ],
      },
      dead_letters: 2,
      rates: { in_per_s: wave(360, 0), out_per_s: wave(360, 1) },
      latency: { mean_ms: 4.2, max_ms: 18 },
      redis: {
        used_memory: 48_300_000,
        maxmemory: 268_435_456,
        policy: "noeviction",
      },
      history: Array.from({ length: 360 }, (_, s) => ({
        t: new Date(now - (360 - s) * 10_000).toISOString(),
        in_per_s: wave(s, 0),
        out_per_s: wave(s, 1),
        lag: Math.max(0, Math.round(4 + 6 * Math.sin(s / 9))),
        pending: 10,
        used_memory: 40_000_000 + s * 23_000,
        latency_mean_ms: 4 + Math.sin(s / 5),
        latency_max_ms: 15 + 4 * Math.sin(s / 3),
      })),
    };
  };
  let letters = [
    {
      id: "1700000000000-0",
      source_id: "1699999999000-0",
      reason: "power_reading must be a number",
      deliveries: 1,
      fields: {
        site_id: "office-001",
        device_id: "main",
        power_reading: "abc",
        timestamp: "2026-01-15T10:30:00Z",
      },
    },
    {
      id: "1700000000001-0",
      source_id: "1699999999001-0",
      reason:
        "failed 5 deliveries: WRONGTYPE Operation against a key holding the wrong kind of value",
      deliveries: 5,
      fields: {
        site_id: "depot-002",
        device_id: "main",
        power_reading: "812.5",
        timestamp: "2026-01-15T10:31:00Z",
      },
    },
  ];

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
      if (url.pathname === "/sites") return answerSites(url);
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

// For looking at pages by hand: deno run -A web/testing/fake.ts [sites]
if (import.meta.main) {
  const fake = startFake({ sites: Number(Deno.args[0] ?? 8), port: 18000 });
  let s = 0;
  setInterval(() => {
    const now = Date.now();
    const many = Number(Deno.args[0] ?? 8);
    const changed: Record<string, unknown> = {};
    for (let k = 0; k < Math.min(many, Number(Deno.args[1] ?? 2)); k++) {
      const i = s++ % many;
      changed[siteId(i)] = {
        last_heard: new Date(now).toISOString(),
        devices: [{
          device_id: "main",
          power_reading: power(i, 0, now) * (0.9 + Math.random() / 5),
          timestamp: new Date(now).toISOString(),
        }],
      };
    }
    fake.push(changed);
  }, 250);
  console.log(fake.url);
}
