/**
 * One site's readings as they are stored, shared by all islands of its page.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { DeviceNow, SiteAnswer, StoredReading } from "../api_types.ts";
import { type Events, type LinkState, listen } from "./events.ts";

/** The readings of the last moment; islands subscribe to it. */
export const arrived: Signal<StoredReading[]> = signal([]);

/** Where the connection is. */
export const siteLink: Signal<LinkState> = signal("connecting");

/** How often the connection has come back; what was stored meanwhile was not sent. */
export const returns: Signal<number> = signal(0);

/** A site may send a thousand readings a second; a page is drawn a few times. */
const MOMENT_MS = 200;

let events: Events | null = null;
let users = 0;

/** Opens the one connection for a site, or joins it; the returned function leaves. */
export function joinSite(siteId: string): () => void {
  if (users++ === 0) {
    let waiting: StoredReading[] = [];
    const deliver = () => {
      arrived.value = waiting;
      waiting = [];
    };
    const url = `/api/processing/sites/${encodeURIComponent(siteId)}/live`;
    events = listen(url, {
      reading: (data) => {
        if (waiting.push(JSON.parse(data)) === 1) {
          setTimeout(deliver, MOMENT_MS);
        }
      },
    });
    // A page that was opened behind others has already missed something.
    let isReturn = document.hidden;
    events.state.subscribe((state) => {
      siteLink.value = state;
      if (state !== "live") return;
      if (isReturn) {
        returns.value++;
        catchUp(siteId);
      }
      isReturn = true;
    });
  }
  return () => {
    if (--users === 0) events?.close();
  };
}

/** Lets the newest reading of each device arrive. */
async function catchUp(site_id: string) {
  const response = await fetch("/api/processing/sites").catch(() => null);
  if (!response?.ok) return;
  const { sites } = await response.json() as { sites: SiteAnswer[] };
  const devices = sites.find((site) => site.site_id === site_id)?.devices ?? [];
  arrived.value = devices.map((device) => ({ id: "", site_id, ...device }));
}

/** The devices with what arrived; what comes late is not what is now. */
export function withReadings(
  devices: DeviceNow[],
  readings: StoredReading[],
): DeviceNow[] {
  const byId = new Map(devices.map((device) => [device.device_id, device]));
  for (const reading of readings) {
    const known = byId.get(reading.device_id);
    const isLate = known !== undefined &&
      Date.parse(known.timestamp) > Date.parse(reading.timestamp);
    if (!isLate) byId.set(reading.device_id, reading);
  }
  return [...byId.values()].sort((a, b) => a.device_id < b.device_id ? -1 : 1);
}
