/**
 * A page of stored readings.
 *
 * @module
 */
import type { StoredReading } from "../api_types.ts";
import type { Column, Sort } from "../data/sort.ts";
import { type Intlish, text } from "../format.ts";
import { useFormat } from "../live/intl.ts";

/** The table's props: plain data. */
export interface ReadingsProps {
  /** In order. */
  readings: StoredReading[];
  sort: Sort;
  /** Where the head of each column leads. */
  heads: Record<Column, string>;
  /** The address for one device; its name is added to the end. */
  deviceHref: string;
  intl: Intlish;
}

const COLUMNS: [Column, string][] = [
  ["time", "Time"],
  ["device", "Device"],
  ["power", "Power"],
];

/** A table; the head of a column sorts by it, and turns the order round. */
export default function Readings(
  { readings, sort, heads, deviceHref, intl }: ReadingsProps,
) {
  const format = useFormat(intl);
  if (readings.length === 0) return <p class="nothing">No readings here.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Readings">
      <table>
        <thead>
          <tr>
            {COLUMNS.map(([column, label]) => (
              <th
                key={column}
                scope="col"
                class={column === "power" ? "num" : undefined}
                aria-sort={sort.by !== column
                  ? undefined
                  : sort.descending
                  ? "descending"
                  : "ascending"}
              >
                <a href={heads[column]}>
                  {label}
                  {sort.by === column && (sort.descending ? " ↓" : " ↑")}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {readings.map((reading) => (
            <tr key={reading.id}>
              <td>
                <time dateTime={reading.timestamp} title={reading.timestamp}>
                  {format.dateTime(Date.parse(reading.timestamp))}
                </time>
              </td>
              <td>
                <a
                  href={`${deviceHref}${
                    encodeURIComponent(reading.device_id)
                  }#readings`}
                >
                  {reading.device_id}
                </a>
              </td>
              <td
                class={`num${reading.power_reading < 0 ? " out" : ""}`}
                title={`${reading.power_reading} W`}
              >
                {text(format.power(reading.power_reading))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
