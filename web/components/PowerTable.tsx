/**
 * The power chart as a table: the same for who does not see it.
 *
 * @module
 */
import type { Series } from "../data/series.ts";
import { type Format, text } from "../format.ts";

/** Closed at first; newest first. */
export function PowerTable(
  { series: { times, devices }, format }: { series: Series; format: Format },
) {
  return (
    <details class="table">
      <summary>As a table</summary>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label="Power as a table"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {devices.map(({ id }) => (
                <th key={id} scope="col" class="num">{id}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rowsOf(times).map((i) => (
              <tr key={times[i]}>
                <td>{format.dateTime(times[i])}</td>
                {devices.map(({ id, means }) => (
                  <td key={id} class="num">
                    {means[i] === null ? "–" : text(format.power(means[i]!))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** At most about fifty rows, evenly spread: a table that can still be read. */
function rowsOf(times: number[]): number[] {
  const every = Math.max(1, Math.ceil(times.length / 48));
  return times.map((_, i) => i).filter((i) => i % every === 0).reverse();
}
