/**
 * A site's name, its power now, and whether the page is live.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DeviceNow } from "../api_types.ts";
import { LinkBadge } from "../components/LinkBadge.tsx";
import { Quantity } from "../components/Quantity.tsx";
import type { Intlish } from "../format.ts";
import { useFormat } from "../live/intl.ts";
import { joinSite, newest, siteLink } from "../live/site.ts";

/** The sum over the site's devices. */
export default function SiteNow(
  { siteId, devices, intl }: {
    siteId: string;
    devices: DeviceNow[];
    intl: Intlish;
  },
) {
  const format = useFormat(intl);
  const powers = useSignal(
    new Map(devices.map((d) => [d.device_id, d.power_reading])),
  );
  useEffect(() => {
    const leave = joinSite(siteId);
    const stop = newest.subscribe((reading) => {
      if (reading !== null) {
        powers.value = new Map(powers.value).set(
          reading.device_id,
          reading.power_reading,
        );
      }
    });
    return () => (stop(), leave());
  }, []);
  const sum = [...powers.value.values()].reduce((a, b) => a + b, 0);
  return (
    <>
      <LinkBadge state={siteLink.value} />
      {powers.value.size > 0 && (
        <span class={`now${sum < 0 ? " out" : ""}`}>
          <span class="hidden">Power now</span>
          <Quantity of={format.power(sum)} />
        </span>
      )}
    </>
  );
}
