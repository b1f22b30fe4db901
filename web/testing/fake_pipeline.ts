/**
 * What the stand-in says of the pipeline.
 *
 * @module
 */

/** `GET /pipeline`. */
export const pipeline = () => {
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
/** Its dead letters at first. */
export const LETTERS = [
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
