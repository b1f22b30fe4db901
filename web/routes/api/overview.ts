/**
 * All cards of the overview, packed: those that the page itself did not bring.
 *
 * @module
 */
import { packCards } from "../../data/cards.ts";
import { cardsFor } from "../../data/overview.ts";
import { define } from "../../define.ts";

/** 200 with one line a site, 502 when processing is away. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    try {
      return new Response(packCards(await cardsFor(ctx.state.intl.timeZone)), {
        headers: {
          "content-type": "text/plain; charset=utf-8",
          "cache-control": "no-store",
        },
      });
    } catch {
      return new Response("", {
        status: 502,
        headers: { "cache-control": "no-store" },
      });
    }
  },
});
