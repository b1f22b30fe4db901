/**
 * The power chart as the server draws it: what one sees before, or without, JavaScript.
 *
 * @module
 */
import type { Series } from "../data/series.ts";

/** Lines without axes; a gap starts a new line. */
export function StaticChart({ series }: { series: Series }) {
  const values = series.devices.flatMap((device) =>
    device.means.filter((mean) => mean !== null)
  );
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  const count = Math.max(series.times.length - 1, 1);
  return (
    <svg
      class="static"
      viewBox="0 0 1000 290"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {series.devices.map(({ id, means }, d) => {
        let pen = "M";
        const path = means.map((mean, i) => {
          if (mean === null) return (pen = "M", "");
          const point = `${pen}${Math.round(i / count * 1000)} ${
            Math.round((1 - (mean - low) / span) * 286) + 2
          }`;
          // Of no length, so that a step between gaps is a point.
          const start = pen === "M" ? `${point}h0` : point;
          pen = "L";
          return start;
        });
        return <path key={id} class={`k${d % 8}`} d={path.join("")} />;
      })}
    </svg>
  );
}
