/**
 * What a page shows when it has nothing to show.
 *
 * @module
 */
import { curlLine } from "../data/submit.ts";
import { useOrigin } from "../live/origin.ts";

/** The form's example. */
const FIRST_READING = {
  site_id: "site-001",
  device_id: "meter-42",
  power_reading: "1500.5",
  timestamp: "2026-01-15T10:30:00Z",
};

/** An empty system: how to send the first reading. */
export function NoSites({ origin: known }: { origin: string }) {
  const origin = useOrigin(known);
  return (
    <section class="empty">
      <svg class="empty-art" viewBox="0 0 96 48" aria-hidden="true">
        <path d="M2 38h18l8-22 10 28 9-36 9 30h38" />
      </svg>
      <h2>No readings yet</h2>
      <p>
        Sites appear here by themselves as soon as a meter sends its first
        reading. Send one from a terminal, or{" "}
        <a href="/submit">fill in the form</a>.
      </p>
      <pre class="code" tabIndex={0}>{curlLine(FIRST_READING, origin)}</pre>
    </section>
  );
}
