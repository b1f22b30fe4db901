/**
 * The power chart as the server draws it: what one sees before, or without, JavaScript.
 *
 * @module
 */
import type { Series } from "../data/series.ts";

/** A page with two hundred devices stays small: beyond this, steps are drawn together. */
const MAX_POINTS = 20_000;

/** Lines without axes; a gap starts a new line. */
export function StaticChart({ series }: { series: Series }) {
  const { times, devices } = series;
  let low = 0;
  let high = 0;
  for (const { means } of devices) {
    for (const mean of means) {
      if (mean === null) continue;
      if (mean < low) low = mean;
      if (mean > high) high = mean;
    }
  }
  const span = high - low || 1;
  const count = Math.max(times.length - 1, 1);
  const every = Math.ceil(times.length * devices.length / MAX_POINTS) || 1;
  return (
    <svg
      class="static"
      viewBox="0 0 1000 290"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {devices.map(({ id, means }, d) => {
        let pen = "M";
        let path = "";
        for (let first = 0; first < means.length; first += every) {
          const i = firstHeard(means, first, first + every);
          if (i < 0) {
            pen = "M";
            continue;
          }
          path += `${pen}${Math.round(i / count * 1000)} ${
            Math.round((1 - (means[i]! - low) / span) * 286) + 2
          }`;
          // Of no length, so that a step between gaps is a point.
          if (pen === "M") path += "h0";
          pen = "L";
        }
        return <path key={id} class={`k${d % 8}`} d={path} />;
      })}
    </svg>
  );
}

/** The first step from `from` up to `to` in which something was heard, or -1. */
function firstHeard(
  means: (number | null)[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to && i < means.length; i++) {
    if (means[i] !== null) return i;
  }
  return -1;
}
