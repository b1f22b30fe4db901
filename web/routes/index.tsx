/**
 * The overview: every site as a card.
 *
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Away } from "../components/Away.tsx";
import {
  arrange,
  type Card,
  type Order,
  packCards,
  sumsOf,
} from "../data/cards.ts";
import { cardsFor } from "../data/overview.ts";
import { define } from "../define.ts";
import Overview from "../islands/Overview.tsx";
import Retry from "../islands/Retry.tsx";
import { logEmptyPage } from "../log.ts";
import { reasonOf } from "../services.ts";

/** As many cards as a first look takes. */
const FIRST = 100;

const ORDERS: Order[] = ["name", "power", "heard"];

/** Asks for the cards; the page is shown without them, too. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    const query = (ctx.url.searchParams.get("q") ?? "").slice(0, 64);
    const asked = ctx.url.searchParams.get("order") as Order;
    const order = ORDERS.includes(asked) ? asked : "name";
    let cards: Card[] | null = null;
    let reason = "";
    try {
      cards = await cardsFor(ctx.state.intl.timeZone);
    } catch (error) {
      logEmptyPage(ctx.url, error);
      reason = reasonOf(error);
    }
    return page({ cards, query, order, reason }, {
      status: cards === null ? 503 : 200,
      headers: { "cache-control": "no-store" },
    });
  },
});

/** The page. */
export default define.page<typeof handlers>((
  { data: { cards, query, order, reason }, state, url },
) => (
  <>
    <Head>
      <title>Overview · Energy Microservices</title>
    </Head>
    <h1>Overview</h1>
    {cards === null
      ? (
        <>
          <Away what={reason} />
          <Retry />
        </>
      )
      : (
        <Overview
          cards={packCards(arrange(cards, query, order).slice(0, FIRST))}
          total={cards.length}
          sums={sumsOf(cards, Date.now())}
          query={query}
          order={order}
          origin={url.origin}
          intl={state.intl}
        />
      )}
  </>
));
