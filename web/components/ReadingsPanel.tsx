/**
 * A site's readings: the table, its pages, one device or all, and the file.
 *
 * @module
 */
import { csvQuery, withParams } from "../data/address.ts";
import type { Range } from "../data/range.ts";
import type { ReadingsPage } from "../data/site.ts";
import { changesFor, type Column, type Sort, sorted } from "../data/sort.ts";
import { formatFor, type Intlish } from "../format.ts";
import Readings from "../islands/Readings.tsx";

/** What the panel takes. */
export interface ReadingsPanelProps {
  siteId: string;
  page: ReadingsPage;
  /** How many readings the site has in all. */
  count: number;
  range: Range;
  device: string | null;
  order: "asc" | "desc";
  sort: Sort;
  url: URL;
  intl: Intlish;
}

/** All of its state is in the address. */
export function ReadingsPanel(
  { siteId, page, count, range, device, order, sort, url, intl }:
    ReadingsPanelProps,
) {
  const to = (changes: Record<string, string | null>) =>
    withParams(url, changes) + "#readings";
  const head = (column: Column) => to(changesFor(column, sort, order));
  return (
    <section class="panel" id="readings">
      <header>
        <h2>
          Readings{device !== null && ` of ${device}`}{" "}
          <small>{`${formatFor(intl).number(count)} stored`}</small>
        </h2>
        {device !== null && (
          <a class="button small" href={to({ device: null, cursor: null })}>
            All devices
          </a>
        )}
        <a
          class="button small"
          href={`/sites/${encodeURIComponent(siteId)}/readings.csv${
            csvQuery(range, device)
          }`}
          download
        >
          Download CSV
        </a>
      </header>
      <Readings
        readings={sorted(page.readings, sort)}
        sort={sort}
        heads={{
          time: head("time"),
          device: head("device"),
          power: head("power"),
        }}
        deviceHref={withParams(url, { cursor: null, device: "" })}
        intl={intl}
      />
      <p class="pager">
        {url.searchParams.has("cursor") && (
          <a class="button small" href={to({ cursor: null })}>First page</a>
        )}
        {page.cursor !== null && (
          <a class="button small" href={to({ cursor: page.cursor })}>
            {order === "desc" ? "Older" : "Newer"} →
          </a>
        )}
        <span class="muted">
          {sort.by === "time"
            ? "In the order in which they were stored."
            : `Sorted by ${sort.by} within this page; the pages go by time.`}
        </span>
      </p>
    </section>
  );
}
