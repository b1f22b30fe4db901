/**
 * A site's series as the chart takes it.
 *
 * @module
 */
import { seriesOf } from "../../../data/series.ts";
import { siteIdOf } from "../../../data/site_id.ts";
import { define } from "../../../define.ts";
import { refusalOf } from "../../../services.ts";

/** `from` and `to` in ms. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    const siteId = siteIdOf(ctx.params);
    const from = Number(ctx.url.searchParams.get("from"));
    const to = Number(ctx.url.searchParams.get("to"));
    if (!(from < to) || Math.abs(to) > 8.64e15) {
      return new Response("from and to are needed", { status: 400 });
    }
    try {
      const series = await seriesOf(
        siteId,
        from,
        to,
        ctx.state.intl.timeZone,
      );
      return Response.json(series, {
        headers: { "cache-control": "no-store" },
      });
    } catch (error) {
      const refusal = refusalOf(error);
      return new Response(refusal?.words ?? "", {
        status: refusal?.status ?? 502,
        headers: { "cache-control": "no-store" },
      });
    }
  },
});
