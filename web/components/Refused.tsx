/**
 * What an address asks for is refused, and will be the next time too.
 *
 * @module
 */
import type { Refusal } from "../services.ts";

/**
 * @param refusal What the service says
 * @param path The page without what narrows it
 */
export function Refused(
  { refusal: { status, words }, path }: { refusal: Refusal; path: string },
) {
  return (
    <section class="empty">
      <h2>
        {status === 404
          ? "There can be no such site"
          : "What is asked for cannot be shown"}
      </h2>
      <p>{words}</p>
      <p>
        {status === 404
          ? <a class="button" href="/">To the overview</a>
          : <a class="button" href={path}>Show the site’s last day</a>}
      </p>
    </section>
  );
}
