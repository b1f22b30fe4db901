/**
 * The power chart: uPlot, dressed and made operable.
 *
 * @module
 */
import uPlot from "uplot";
import type { Series } from "../data/series.ts";
import { type Format, text } from "../format.ts";
import { listenToGestures } from "./gestures.ts";
import { isolated } from "./isolated.ts";

/** A chart that is on the page. */
export interface Chart {
  /** Draws other data; the visible range is theirs. */
  show(series: Series, from: number, to: number): void;
  /** Hides or shows a device. */
  toggle(id: string, visible: boolean): void;
  /** Moves the cursor by points, for the keyboard. */
  move(by: number): void;
  destroy(): void;
}

/** What the chart tells. */
export interface ChartEvents {
  /** A range was chosen, ms: by dragging over it, or by moving or pinching what is shown. */
  onRange(from: number, to: number): void;
  /** The cursor is on a point of time, or nowhere. */
  onCursor(index: number | null): void;
}

/** Puts a chart into an element. */
export function createChart(
  element: HTMLElement,
  series: Series,
  range: { from: number; to: number },
  format: Format,
  timeZone: string,
  events: ChartEvents,
): Chart {
  let shown = series;
  let view = range;
  const hidden = new Set<string>();
  let plot = make();
  let gestures = listen();

  function listen() {
    const axis = element.querySelector<HTMLElement>(".u-axis");
    axis?.classList.add("moves");
    return listenToGestures({
      over: plot.over,
      axis,
      view: () => view,
      onMove(moved) {
        view = moved;
        plot.setData(data());
      },
      onEnd: ({ from, to }) => events.onRange(from, to),
    });
  }

  function inZone(seconds: number): Date {
    return uPlot.tzDate(new Date(seconds * 1000), timeZone);
  }

  function isMidnight(seconds: number): boolean {
    const time = inZone(seconds);
    return time.getHours() === 0 && time.getMinutes() === 0;
  }

  function css(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name)
      .trim();
  }

  function data(): uPlot.AlignedData {
    return [
      shown.times.map((ms) => ms / 1000),
      ...shown.devices.map(({ means }) => means),
    ];
  }

  function make(): uPlot {
    const axis = {
      stroke: css("--soft"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: css("--line"), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: Math.max(200, element.clientWidth),
      height: element.clientHeight || 320,
      tzDate: inZone,
      legend: { show: false },
      // To the right, half of a label of time: the last one may be under the edge.
      padding: [10, 28, 0, 0],
      scales: {
        x: { range: () => [view.from / 1000, view.to / 1000] },
        y: {
          range: (_, low, high) =>
            uPlot.rangeNum(
              Math.min(low ?? 0, 0),
              Math.max(high ?? 0, 1),
              0.08,
              false,
            ),
        },
      },
      cursor: {
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: 7 },
        y: false,
        // With Shift a drag moves the range.
        bind: {
          mousedown: (_, __, handler) => (event) => (
            event.shiftKey ? null : handler(event), null
          ),
        },
      },
      axes: [
        {
          ...axis,
          size: 34,
          space: 76,
          values: (_, ticks, __, ___, step) =>
            ticks.map((t) =>
              step >= 86_400
                ? format.weekday(t * 1000)
                // A day begins with its date.
                : isMidnight(t)
                ? format.date(t * 1000)
                : format.time(t * 1000)
            ),
        },
        {
          ...axis,
          size: 66,
          values: (_, ticks) =>
            ticks.map((watts) => text(format.powerTick(watts))),
        },
      ],
      series: [
        {},
        ...shown.devices.map(({ id }, i) => ({
          label: id,
          show: !hidden.has(id),
          stroke: css(`--c${i % 8}`),
          width: 1.75,
          // A step between gaps has no line: it is a point.
          points: {
            show: false,
            size: 5,
            filter: (u: uPlot, of: number) => isolated(u.data[of]),
          },
        })),
      ],
      hooks: {
        setSelect: [(u) => {
          if (u.select.width < 6) return;
          const from = u.posToVal(u.select.left, "x") * 1000;
          const to = u.posToVal(u.select.left + u.select.width, "x") * 1000;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.onRange(from, to);
        }],
        setCursor: [(u) => events.onCursor(u.cursor.idx ?? null)],
      },
    };
    element.replaceChildren();
    return new uPlot(options, data(), element);
  }

  function remake() {
    gestures.end();
    plot.destroy();
    plot = make();
    gestures = listen();
  }

  const observer = new ResizeObserver(() => {
    if (Math.abs(plot.width - element.clientWidth) < 2) return;
    plot.setSize({
      width: Math.max(200, element.clientWidth),
      height: element.clientHeight || 320,
    });
  });
  observer.observe(element);
  // A canvas does not follow custom properties by itself.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  addEventListener("themechange", remake);
  dark.addEventListener("change", remake);

  return {
    show(series, from, to) {
      const same = series.devices.length === shown.devices.length &&
        series.devices.every(({ id }, i) => id === shown.devices[i].id);
      shown = series;
      // What arrives must not pull the range from under a finger.
      if (!gestures.isActive()) view = { from, to };
      if (same) plot.setData(data());
      else remake();
    },
    toggle(id, visible) {
      if (visible) hidden.delete(id);
      else hidden.add(id);
      const index = shown.devices.findIndex((device) => device.id === id);
      plot.setSeries(index + 1, { show: visible });
    },
    move(by) {
      const { times } = shown;
      const at = plot.cursor.idx ?? (by > 0 ? -1 : times.length);
      const index = Math.max(0, Math.min(times.length - 1, at + by));
      plot.setCursor({
        left: plot.valToPos(times[index] / 1000, "x"),
        top: 10,
      });
    },
    destroy() {
      observer.disconnect();
      removeEventListener("themechange", remake);
      dark.removeEventListener("change", remake);
      gestures.end();
      plot.destroy();
    },
  };
}
