/**
 * The last 24 hours in the room of a word.
 *
 * @module
 */
import { type Card, levelsOf } from "../data/cards.ts";

const HEIGHT = 24;

type SparklineProps = Pick<Card, "trend" | "low" | "high">;

/**
 * An area from zero whose sides lie outside of the picture, so that one path is both line and fill.
 *
 * @param levels 0 to 1, null for a gap
 * @param zero The level of zero; what is below it hangs from it. Where zero is the lowest, its line is outside, too.
 */
export function areaPath(levels: (number | null)[], zero: number): string {
  const height = (level: number) => Math.round((1 - level) * (HEIGHT - 3)) + 1;
  const base = zero > 0 ? height(zero) : HEIGHT + 2;
  let path = "";
  let previous: number | null = null;
  let start = 0;
  levels.forEach((level, i) => {
    const y = level === null ? null : height(level);
    if (y === null) {
      if (previous !== null) path += `V${base}H${start}z`;
    } else if (previous === null) {
      start = i === 0 ? -1 : i;
      path += `M${start} ${base}V${y}${i === 0 ? "h1" : ""}`;
    } else {
      const dy = y - previous;
      path += dy === 0 ? "h1" : `l1${dy < 0 ? dy : " " + dy}`;
    }
    previous = y;
  });
  if (previous !== null) path += `h2V${base}H${start}z`;
  return path;
}

/** A sparkline; decoration, as the card says the same in words. */
export function Sparkline({ trend, low, high }: SparklineProps) {
  const zero = low < 0 ? -low / (high - low) : 0;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${Math.max(1, trend.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <path d={areaPath(levelsOf(trend), zero)} />
    </svg>
  );
}
