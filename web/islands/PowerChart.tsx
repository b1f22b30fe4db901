/**
 * The power of a site's devices: zoom and pan, values under the cursor, live at the right edge.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Legend } from "../components/Legend.tsx";
import { PowerTable } from "../components/PowerTable.tsx";
import { StaticChart } from "../components/StaticChart.tsx";
import { type Range, rangeOf, RANGES } from "../data/range.ts";
import type { Series } from "../data/series.ts";
import { formatFor, type Intlish } from "../format.ts";
import { createChart } from "../live/chart.ts";
import type { Chart } from "../live/chart.ts";
import { useFormat } from "../live/intl.ts";
import { appendReading } from "../live/append.ts";
import { arrived, joinSite, returns } from "../live/site.ts";
import { renewPanels } from "../live/panels.ts";
import { addressOf, fetchSeries, shownRange } from "../live/view.ts";

/** The chart's props: plain data. */
export interface PowerChartProps {
  siteId: string;
  series: Series;
  range: Range;
  intl: Intlish;
}

/** As far as a meter's clock may be ahead of the visitor's. */
const AHEAD_MS = 60_000;

/** Legend with values, the plot, the way back. */
export default function PowerChart(
  { siteId, series: first, range: asked, intl }: PowerChartProps,
) {
  const format = useFormat(intl);
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const series = useSignal(first);
  const view = useSignal(asked);
  const cursor = useSignal<number | null>(null);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const state = useSignal<"ready" | "loading" | "failed">("ready");
  const asks = useRef(0);
  const address = useRef("");

  /** @returns Whether the range is shown */
  async function load(range: Range): Promise<boolean> {
    state.value = "loading";
    const ask = ++asks.current;
    const answer = await fetchSeries(siteId, range);
    // Another range was asked for meanwhile.
    if (ask !== asks.current) return false;
    state.value = answer === null ? "failed" : "ready";
    if (answer === null) return false;
    series.value = answer;
    view.value = shownRange.value = range;
    chart.current?.show(answer, range.from, range.to);
    return true;
  }

  async function look(name: string, from: number, to: number) {
    const range = { name, from, to };
    if (!await load(range)) return;
    history.pushState(null, "", addressOf(range));
    await follow();
  }

  /** Lets the rest of the page show what the address says. */
  async function follow() {
    address.current = location.search;
    if (!await renewPanels()) state.value = "failed";
  }

  useEffect(() => {
    // The first render still has the server's zone; the axis is drawn once.
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    chart.current = createChart(
      element.current!,
      series.value,
      view.value,
      formatFor({ locale: intl.locale, timeZone }),
      timeZone,
      {
        onRange: (from, to) =>
          to - from >= 60_000 ? look("own", from, to) : undefined,
        onCursor: (index) => cursor.value = index,
      },
    );
    address.current = location.search;
    const onBack = async () => {
      // A place in the page is no other range.
      if (location.search === address.current) return;
      const params = new URLSearchParams(location.search);
      if (await load(rangeOf(params, Date.now(), timeZone))) await follow();
    };
    addEventListener("popstate", onBack);
    const leave = joinSite(siteId);
    const stop = arrived.subscribe((readings) => {
      const length = RANGES[view.value.name];
      if (readings.length === 0 || length === undefined) return;
      const to = Math.max(view.value.to, Date.now());
      if (state.value === "loading") return;
      view.value = { ...view.value, from: to - length, to };
      // What a clock stamped that is ahead is not in the range yet.
      series.value = readings.filter(({ timestamp }) =>
        Date.parse(timestamp) < to + AHEAD_MS
      ).reduce(
        (grown, reading) => appendReading(grown, reading, to - length),
        series.value,
      );
      chart.current?.show(series.value, to - length, to);
    });
    const stopReturns = returns.subscribe((times) => {
      const { name } = view.value;
      const length = RANGES[name];
      if (times === 0 || length === undefined) return;
      const to = Date.now();
      load({ name, from: to - length, to });
    });
    return () => {
      removeEventListener("popstate", onBack);
      stopReturns();
      stop();
      leave();
      chart.current?.destroy();
    };
  }, []);

  function onKeyDown(event: KeyboardEvent) {
    const { from, to } = view.value;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined && event.shiftKey) {
      look("own", from + by * (to - from) / 4, to + by * (to - from) / 4);
    } else if (by !== undefined) chart.current?.move(by);
    else if (event.key === "+") {
      look("own", from + (to - from) / 4, to - (to - from) / 4);
    } else if (event.key === "-") {
      look("own", from - (to - from) / 2, to + (to - from) / 2);
    } else return;
    event.preventDefault();
  }

  // A cursor that moves must not draw these anew.
  const still = useMemo(() => <StaticChart series={first} />, [first]);
  const table = useMemo(
    () => <PowerTable series={series.value} format={format} />,
    [series.value, format],
  );
  const { times, devices } = series.value;
  const at = cursor.value;
  const pan = (by: number) => {
    const { from, to } = view.value;
    const shift = by * (to - from) / 2;
    look("own", from + shift, to + shift);
  };
  return (
    <>
      <Legend
        devices={devices}
        at={at}
        hidden={hidden.value}
        format={format}
        onToggle={(id) => {
          const next = new Set(hidden.value);
          if (!next.delete(id)) next.add(id);
          hidden.value = next;
          chart.current?.toggle(id, !next.has(id));
        }}
      />
      <div
        ref={element}
        class={`plot${state.value === "loading" ? " plot-wait" : ""}`}
        tabIndex={0}
        role="application"
        aria-label="Power chart. Arrow keys move the cursor, with Shift the range; plus and minus zoom. The table below has the values."
        onKeyDown={onKeyDown}
        onDblClick={() => {
          const { from, to } = view.value;
          look("own", from - (to - from) / 2, to + (to - from) / 2);
        }}
      >
        {still}
      </div>
      <div class="plot-foot">
        <p class="hint" aria-live="polite">
          {state.value === "failed"
            ? "That range could not be loaded. Try again in a moment."
            : at !== null && times[at] !== undefined
            ? format.dateTime(times[at])
            : times.length === 0
            ? "Nothing was heard in this range."
            : (
              <>
                <span class="mouse">
                  Drag to zoom in, double-click to zoom out. Drag with Shift, or
                  the time axis, to move.
                </span>
                <span class="touch">Drag to move, pinch to zoom.</span>
              </>
            )}
        </p>
        <button type="button" class="button small" onClick={() => pan(-1)}>
          ← Earlier
        </button>
        <button type="button" class="button small" onClick={() => pan(1)}>
          Later →
        </button>
        {view.value.name === "own" && (
          <button
            type="button"
            class="button small"
            onClick={() => look("24h", Date.now() - RANGES["24h"], Date.now())}
          >
            Back to now
          </button>
        )}
      </div>
      {table}
    </>
  );
}
