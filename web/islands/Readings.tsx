/**
 * A page of stored readings.
 *
 * @module
 */
import type { StoredReading } from "../api_types.ts";
import { type Intlish, text } from "../format.ts";
import { useFormat } from "../live/intl.ts";

/** The table's props: plain data. */
export interface ReadingsProps {
  readings: StoredReading[];
  order: "asc" | "desc";
  orderHref: string;
  /** The address for one device; its name is added to the end. */
  deviceHref: string;
  intl: Intlish;
}

/** A table; the first column's head turns the order round. */
export default function Readings(
  { readings, order, orderHref, deviceHref, intl }: ReadingsProps,
) {
  const format = useFormat(intl);
  if (readings.length === 0) return <p class="nothing">No readings here.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Readings">
      <table>
        <thead>
          <tr>
            <th
              scope="col"
              aria-sort={order === "desc" ? "descending" : "ascending"}
            >
              <a href={orderHref}>Time {order === "desc" ? "↓" : "↑"}</a>
            </th>
            <th scope="col">Device</th>
            <th scope="col" class="num">Power</th>
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
