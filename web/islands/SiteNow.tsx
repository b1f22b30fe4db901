/**
 * A site's name, its power now, and whether the page is live.
 *
 * @module
 */
import type { DeviceNow } from "../api_types.ts";
import { LinkBadge } from "../components/LinkBadge.tsx";
import { Quantity } from "../components/Quantity.tsx";
import type { Intlish } from "../format.ts";
import { useDevices } from "../live/devices.ts";
import { useFormat } from "../live/intl.ts";
import { siteLink } from "../live/site.ts";

/** The sum over the site's devices. */
export default function SiteNow(
  { siteId, devices: first, intl }: {
    siteId: string;
    devices: DeviceNow[];
    intl: Intlish;
  },
) {
  const format = useFormat(intl);
  const devices = useDevices(siteId, first);
  const sum = devices.value.reduce(
    (total, { power_reading }) => total + power_reading,
    0,
  );
  return (
    <>
      <LinkBadge state={siteLink.value} />
      {devices.value.length > 0 && (
        <span class={`now${sum < 0 ? " out" : ""}`}>
          <span class="hidden">Power now</span>
          <Quantity of={format.power(sum)} />
        </span>
      )}
    </>
  );
}
