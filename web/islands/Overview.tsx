/**
 * The sites, live.
 *
 * @module
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { NoSites } from "../components/Empty.tsx";
import { LinkBadge } from "../components/LinkBadge.tsx";
import { Quantity } from "../components/Quantity.tsx";
import { SiteCard } from "../components/SiteCard.tsx";
import {
  arrange,
  type Order,
  type Sums,
  sumsOf,
  unpackCards,
} from "../data/cards.ts";
import type { Format, Intlish } from "../format.ts";
import { now } from "../live/clock.ts";
import { useFormat } from "../live/intl.ts";
import { type LiveCard, liven, watchSites } from "../live/sites.ts";

/** The overview's props: plain data. */
export interface OverviewProps {
  /** The first cards, packed; the rest is fetched as one scrolls. */
  cards: string;
  /** How many sites there are. */
  total: number;
  /** Over all sites, until all are here. */
  sums: Sums;
  query: string;
  order: Order;
  /** Where the page was asked for. */
  origin: string;
  intl: Intlish;
}

/** Filter, totals and cards. */
export default function Overview(props: OverviewProps) {
  const format = useFormat(props.intl);
  const cards = useSignal<LiveCard[]>(
    useMemo(() => unpackCards(props.cards).map(liven), []),
  );
  const query = useSignal(props.query);
  const order = useSignal<Order>(props.order);
  const link = useSignal<"connecting" | "live" | "lost">("connecting");
  const complete = useSignal(cards.value.length >= props.total);
  const shown = useComputed(() =>
    arrange(cards.value, query.value, order.value)
  );
  const end = useRef<HTMLDivElement>(null);
  const watch = useRef<ReturnType<typeof watchSites> | null>(null);

  useEffect(() => {
    const { close } = watch.current = watchSites(
      cards,
      link,
      complete,
      end.current,
    );
    return close;
  }, []);
  useEffect(() => {
    const address = new URL(location.href);
    const set = (name: string, value: string) =>
      value === ""
        ? address.searchParams.delete(name)
        : address.searchParams.set(name, value);
    set("q", query.value.trim());
    set("order", order.value === "name" ? "" : order.value);
    history.replaceState(history.state, "", address);
    // What is looked for now, or comes first, may not be here yet.
    const isOther = query.value !== props.query || order.value !== props.order;
    if (isOther && !complete.value) watch.current?.fetchAll();
  }, [query.value, order.value]);

  if (complete.value && cards.value.length === 0) {
    return (
      <>
        <p class="toolbar">
          <LinkBadge state={link.value} />
        </p>
        <NoSites origin={props.origin} />
      </>
    );
  }
  return (
    <>
      <Totals
        sums={complete.value ? sumsOf(cards.value, now.value) : props.sums}
        format={format}
      />
      <form
        class="toolbar"
        role="search"
        onSubmit={(event) => event.preventDefault()}
      >
        <label class="field-inline grow">
          <span class="hidden">Filter sites by name</span>
          <input
            type="search"
            name="q"
            placeholder="Filter sites"
            value={query.value}
            onInput={(event) => query.value = event.currentTarget.value}
          />
        </label>
        <label class="field-inline">
          <span>Order</span>
          <select
            name="order"
            value={order.value}
            onChange={(event) =>
              order.value = event.currentTarget.value as Order}
          >
            <option value="name" selected={order.value === "name"}>Name</option>
            <option value="power" selected={order.value === "power"}>
              Power now
            </option>
            <option value="heard" selected={order.value === "heard"}>
              Last heard
            </option>
          </select>
        </label>
        <noscript>
          <button class="button" type="submit">Apply</button>
        </noscript>
        <LinkBadge state={link.value} />
      </form>
      {shown.value.length === 0
        ? (
          <p class="nothing" role="status">
            {complete.value
              ? `No site’s name contains “${query.value.trim()}”.`
              : "Loading the other sites…"}
          </p>
        )
        : (
          <ul class="cards">
            {shown.value.map((card) => (
              <SiteCard key={card.id} card={card} format={format} />
            ))}
          </ul>
        )}
      <div ref={end} class="sentinel" />
    </>
  );
}

function Totals({ sums, format }: { sums: Sums; format: Format }) {
  return (
    <dl class="totals">
      <div>
        <dt>Power now</dt>
        <dd>
          <Quantity of={format.power(sums.watts)} />
        </dd>
      </div>
      <div>
        <dt>Imported today</dt>
        <dd>
          <Quantity of={format.energy(sums.imported)} />
        </dd>
      </div>
      <div>
        <dt>Exported today</dt>
        <dd class="out">
          <Quantity of={format.energy(sums.exported)} />
        </dd>
      </div>
      <div>
        <dt>Sites reporting</dt>
        <dd>
          {format.number(sums.reporting)}
          <small>&nbsp;of {format.number(sums.sites)}</small>
        </dd>
      </div>
    </dl>
  );
}
