/**
 * A site's devices as they are now.
 *
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DeviceNow } from "../api_types.ts";
import { arrived, joinSite, withReadings } from "./site.ts";

/**
 * The devices, changed by what arrives.
 *
 * @param siteId The site
 * @param first What the page came with
 */
export function useDevices(
  siteId: string,
  first: DeviceNow[],
): Signal<DeviceNow[]> {
  const devices = useSignal(first);
  useEffect(() => {
    const leave = joinSite(siteId);
    const stop = arrived.subscribe((readings) => {
      if (readings.length > 0) {
        devices.value = withReadings(devices.peek(), readings);
      }
    });
    return () => (stop(), leave());
  }, []);
  return devices;
}
