/**
 * Energy by hour, day or month: imports above the line, exports below it.
 *
 * @module
 */
import type { Bar } from "../data/series.ts";
import { type Format, text } from "../format.ts";

const HEIGHT = 190;
const WIDTH = 1000;

/** As many labels as a phone has room for, and a wide screen. */
const FEW = 3;
const MANY = 8;

/** A picture, with the same as a table below it. */
export function Bars(
  { bars, step, format }: {
    bars: Bar[];
    step: "1h" | "1d" | "1mo";
    format: Format;
  },
) {
  const label =
    { "1h": format.time, "1d": format.day, "1mo": format.month }[step];
  const top = niceCeiling(Math.max(...bars.map((bar) => bar.imported), 0));
  const bottom = niceCeiling(Math.max(...bars.map((bar) => bar.exported), 0));
  const span = top + bottom || 1;
  const zero = top / span * HEIGHT;
  const slot = WIDTH / Math.max(bars.length, 1);
  // A bar that is alone is not as wide as the picture.
  const wide = Math.min(slot * 0.7, WIDTH / 12);
  const left = (i: number) => round(i * slot + (slot - wide) / 2);
  const axis =
    { "1h": format.time, "1d": format.date, "1mo": format.month }[step];
  const words = { "1h": "hour", "1d": "day", "1mo": "month" }[step];
  return (
    <>
      <div class="bar-frame">
        <div class="bar-scale" aria-hidden="true">
          <span>{text(format.energyTick(top))}</span>
          {bottom > 0
            ? <span>{text(format.energyTick(bottom))}</span>
            : <span>0</span>}
        </div>
        <svg
          class="bars"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Energy by ${words}; the table below has the values`}
        >
          <path
            class="grid"
            d={`M0 .5H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}M0 ${
              zero / 2
            }H${WIDTH}`}
          />
          {bars.map((bar, i) => (
            <g key={bar.start}>
              {bar.imported > 0 && (
                <rect
                  class="in"
                  x={left(i)}
                  width={round(wide)}
                  y={round(zero - bar.imported / span * HEIGHT)}
                  height={round(bar.imported / span * HEIGHT)}
                >
                  <title>
                    {`${label(bar.start)}: ${
                      text(format.energy(bar.imported))
                    } imported`}
                  </title>
                </rect>
              )}
              {bar.exported > 0 && (
                <rect
                  class="ex"
                  x={left(i)}
                  width={round(wide)}
                  y={round(zero)}
                  height={round(bar.exported / span * HEIGHT)}
                >
                  <title>
                    {`${label(bar.start)}: ${
                      text(format.energy(bar.exported))
                    } exported`}
                  </title>
                </rect>
              )}
            </g>
          ))}
          <path class="axis" d={`M0 ${round(zero)}H${WIDTH}`} />
        </svg>
        <svg class="bar-axis" aria-hidden="true">
          {labelled(bars.length).map(({ at, isMore }) => (
            <text
              key={bars[at].start}
              class={isMore ? "more" : undefined}
              x={`${round((at + 0.5) / bars.length * 100)}%`}
              y="1em"
            >
              {axis(bars[at].start)}
            </text>
          ))}
        </svg>
      </div>
      <details class="table">
        <summary>As a table</summary>
        <div
          class="scroll"
          tabIndex={0}
          role="region"
          aria-label="Energy as a table"
        >
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col" class="num">Imported</th>
                <th scope="col" class="num">Exported</th>
              </tr>
            </thead>
            <tbody>
              {bars.map((bar) => (
                <tr key={bar.start}>
                  <td>
                    {step === "1h"
                      ? format.dateTime(bar.start)
                      : label(bar.start)}
                  </td>
                  <td class="num">{text(format.energy(bar.imported))}</td>
                  <td class="num">{text(format.energy(bar.exported))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The bars that get a label: each the middle of a group, so that none stands out; `isMore` where there is room. */
export function labelled(count: number): { at: number; isMore: boolean }[] {
  const middles = (of: number, size: number) =>
    Array.from(
      { length: Math.floor(of / size) },
      (_, group) => group * size + Math.floor(size / 2),
    );
  const many = middles(count, Math.ceil(count / MANY));
  const few = middles(many.length, Math.ceil(many.length / FEW));
  return many.map((at, i) => ({ at, isMore: !few.includes(i) }));
}

/** The next of 1, 2, 2.5, 5 times a power of ten: what a scale ends with. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power *
    [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) =>
      step * power >= value * 0.9999
    )!;
}
