/**
 * A site's devices and their newest readings, live.
 *
 * @module
 */
import type { DeviceNow } from "../api_types.ts";
import { type Intlish, text } from "../format.ts";
import { now } from "../live/clock.ts";
import { useDevices } from "../live/devices.ts";
import { useFormat } from "../live/intl.ts";

/** A table. */
export default function Devices(
  { siteId, first, intl }: {
    siteId: string;
    first: DeviceNow[];
    intl: Intlish;
  },
) {
  const format = useFormat(intl);
  const devices = useDevices(siteId, first);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Devices">
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col" class="num">Power</th>
            <th scope="col" class="num">Newest reading</th>
          </tr>
        </thead>
        <tbody>
          {devices.value.map((device) => (
            <tr key={device.device_id}>
              <td>{device.device_id}</td>
              <td class={`num${device.power_reading < 0 ? " out" : ""}`}>
                {text(format.power(device.power_reading))}
              </td>
              <td class="num">
                <time dateTime={device.timestamp} title={device.timestamp}>
                  {format.ago(
                    Date.parse(device.timestamp),
                    Math.max(now.value, Date.parse(device.timestamp)),
                  )}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
