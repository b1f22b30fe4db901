/**
 * The last 24 hours in the room of a word.
 *
 * @module
 */
import { levelsOf } from "../data/cards.ts";

const HEIGHT = 24;

/**
 * An area whose sides lie outside of the picture, so that one path is both line and fill.
 *
 * @param levels 0 to 1, null for a gap
 */
export function areaPath(levels: (number | null)[]): string {
  let path = "";
  let previous: number | null = null;
  let start = 0;
  levels.forEach((level, i) => {
    const y = level === null
      ? null
      : Math.round((1 - level) * (HEIGHT - 3)) + 1;
    if (y === null) {
      if (previous !== null) path += `V26H${start}z`;
    } else if (previous === null) {
      start = i === 0 ? -1 : i;
      path += `M${start} 26V${y}${i === 0 ? "h1" : ""}`;
    } else {
      const dy = y - previous;
      path += dy === 0 ? "h1" : `l1${dy < 0 ? dy : " " + dy}`;
    }
    previous = y;
  });
  if (previous !== null) path += `h2V26H${start}z`;
  return path;
}

/** A sparkline; decoration, as the card says the same in words. */
export function Sparkline({ trend }: { trend: string }) {
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${Math.max(1, trend.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <path d={areaPath(levelsOf(trend))} />
    </svg>
  );
}
