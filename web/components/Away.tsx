/**
 * A part is away: the page stays, and says so.
 *
 * @module
 */

/** @param what Which part, and what that means */
export function Away({ what }: { what: string }) {
  return (
    <section class="empty" role="status">
      <svg class="empty-art lost" viewBox="0 0 96 48" aria-hidden="true">
        <path d="M2 24h30m8-8 16 16m0-16L40 32m24-8h30" />
      </svg>
      <h2>Not reachable right now</h2>
      <p>
        {what}{" "}
        Nothing that was accepted is lost. This page tries again by itself.
      </p>
      <p>
        <a class="button" href="">Try now</a>
      </p>
    </section>
  );
}
