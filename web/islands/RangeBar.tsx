/**
 * The ranges of a site's page, as links, and a range of one's own in one's own time.
 *
 * @module
 */
import { type Range, RANGES } from "../data/range.ts";
import { toLocal } from "../data/zone.ts";
import { useTimeZone } from "../live/intl.ts";
import { shownRange } from "../live/view.ts";

/** The bar's props: plain data. */
export interface RangeBarProps {
  range: Range;
  /** Where each range is. */
  links: Record<string, string>;
  /** The zone that the server knows of. */
  timeZone: string;
}

/** Works without JavaScript: the form says which zone its times are in. */
export default function RangeBar(
  { range: first, links, timeZone: known }: RangeBarProps,
) {
  const timeZone = useTimeZone(known);
  const range = shownRange.value ?? first;
  return (
    <div class="range">
      <nav class="segments" aria-label="Range">
        {Object.keys(RANGES).map((name) => (
          <a
            key={name}
            href={links[name]}
            aria-current={name === range.name ? "true" : undefined}
          >
            {name.replace("h", " h").replace("d", " d")}
          </a>
        ))}
      </nav>
      <form method="get">
        {(["from", "to"] as const).map((end) => (
          <label key={end} class="field-inline">
            {end === "from" ? "From" : "to"}
            <input
              type="datetime-local"
              name={end}
              required
              value={toLocal(range[end], timeZone)}
            />
          </label>
        ))}
        <input type="hidden" name="tz" value={timeZone} />
        <button class="button" type="submit">Show</button>
        <span class="muted">{timeZone}</span>
      </form>
    </div>
  );
}
