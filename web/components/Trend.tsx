/**
 * The last hour of a figure, or of two on one scale.
 *
 * @module
 */

const HEIGHT = 40;

/** @param of One row of values, or two; null where there is none */
export function Trend(
  { of, label }: { of: (number | null)[][]; label: string },
) {
  const top = Math.max(...of.flat().map((value) => value ?? 0), 1e-9);
  const count = Math.max(...of.map((row) => row.length), 2) - 1;
  const y = (value: number) =>
    Math.round((1 - value / top) * (HEIGHT - 4) * 10) / 10 + 2;
  const paths = of.map((row, r) => {
    let path = "";
    let pen = "M";
    row.forEach((value, i) => {
      if (value === null) return void (pen = "M");
      path += `${pen}${i} ${y(value)}`;
      pen = "L";
    });
    // The first is an area; its sides lie outside of the picture.
    return r === 0 && path !== "" && !row.includes(null)
      ? `M-1 ${HEIGHT + 2}L-1 ${y(row[0]!)}L${path.slice(1)}L${count + 1} ${
        y(row.at(-1)!)
      }V${HEIGHT + 2}z`
      : path;
  });
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${count} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {paths.map((d, i) => (
        <path key={i} d={d} class={i > 0 ? "second" : undefined} />
      ))}
    </svg>
  );
}
