/**
 * The ranges of a site's page, as links, and a range of one's own.
 *
 * @module
 */
import { withParams } from "../data/address.ts";
import { type Range, RANGES } from "../data/range.ts";

/** Works without JavaScript. */
export function RangeBar({ range, url }: { range: Range; url: URL }) {
  const local = (ms: number) => new Date(ms).toISOString().slice(0, 16) + "Z";
  return (
    <div class="range">
      <nav class="segments" aria-label="Range">
        {Object.keys(RANGES).map((name) => (
          <a
            key={name}
            href={withParams(url, {
              range: name,
              from: null,
              to: null,
              cursor: null,
              bars: null,
            })}
            aria-current={name === range.name ? "true" : undefined}
          >
            {name.replace("h", " h").replace("d", " d")}
          </a>
        ))}
      </nav>
      <form method="get">
        <label class="field-inline">
          From{" "}
          <input
            name="from"
            size={17}
            value={local(range.from)}
            placeholder="2026-01-15T00:00Z"
          />
        </label>
        <label class="field-inline">
          to{" "}
          <input
            name="to"
            size={17}
            value={local(range.to)}
            placeholder="2026-01-16T00:00Z"
          />
        </label>
        <button class="button" type="submit">Show</button>
      </form>
    </div>
  );
}
