/**
 * Histograms for what happens with every request and every reading. Those of prom-client, in whose registry these
 * are, look labels up and count at each observation, which costs more than checking a reading.
 *
 * @module
 */

import type { Metric, Registry } from "prom-client";

/** What a histogram is. */
export interface HistogramOptions {
  name: string;
  help: string;
  /** The upper bounds of its buckets, ascending, without the infinite one. */
  buckets: number[];
}

/** Counts a value, once or several times. */
export type Observe = (value: number, times?: number) => void;

interface Series {
  labels: Record<string, string>;
  /** How many values each bucket has for itself; the last is the infinite one. */
  counts: number[];
  sum: number;
}

/**
 * Makes a histogram and registers it.
 *
 * @param registry Where it is to be found.
 * @param options What it is.
 * @returns How to get at what counts values with certain labels; to be kept by who counts.
 */
export function createHistogram(
  registry: Registry,
  { name, help, buckets }: HistogramOptions,
): (labels?: Record<string, string>) => Observe {
  const all = new Map<string, Series>();
  // prom-client asks a metric for no more than its name and its values.
  registry.registerMetric({
    name,
    get: () =>
      Promise.resolve({
        name,
        help,
        type: "histogram",
        aggregator: "sum",
        values: [...all.values()].flatMap((series) =>
          valuesOf(name, buckets, series)
        ),
      }),
    reset: () => all.clear(),
  } as unknown as Metric);
  return (labels = {}) => {
    const key = JSON.stringify(labels);
    let series = all.get(key);
    if (series === undefined) {
      series = { labels, counts: Array(buckets.length + 1).fill(0), sum: 0 };
      all.set(key, series);
    }
    const { counts } = series;
    return (value, times = 1) => {
      let bucket = 0;
      while (bucket < buckets.length && value > buckets[bucket]) bucket++;
      counts[bucket] += times;
      series.sum += value * times;
    };
  };
}

function valuesOf(
  name: string,
  buckets: number[],
  { labels, counts, sum }: Series,
) {
  let total = 0;
  const values = counts.map((count, index) => {
    total += count;
    const le = index < buckets.length ? buckets[index] : "+Inf";
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: total,
    };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
