/**
 * The page of a site that was never heard: it is loaded again when the first reading is there.
 *
 * @module
 */
import { useEffect } from "preact/hooks";
import { arrived, joinSite, siteLink } from "../live/site.ts";

/** How to send one, as long as there is none. */
export default function FirstReading({ siteId }: { siteId: string }) {
  useEffect(() => {
    const leave = joinSite(siteId);
    const stopArrived = arrived.subscribe((readings) => {
      if (readings.length > 0) location.reload();
    });
    // One may have been stored before the page listened.
    const stopLink = siteLink.subscribe(async (state) => {
      if (state === "live" && await isHeard(siteId)) location.reload();
    });
    return () => (stopArrived(), stopLink(), leave());
  }, []);
  return (
    <section class="empty">
      <h2>Nothing has been heard from this site</h2>
      <p>
        It appears as soon as its first reading is stored.{" "}
        <a href={`/submit?site_id=${encodeURIComponent(siteId)}`}>Send one</a>.
      </p>
    </section>
  );
}

async function isHeard(siteId: string): Promise<boolean> {
  try {
    const response = await fetch(
      `/api/processing/sites/${encodeURIComponent(siteId)}/readings?limit=1`,
    );
    return response.ok && (await response.json()).readings.length > 0;
  } catch {
    return false;
  }
}
