/**
 * A site's readings as a file.
 *
 * @module
 */
import { siteIdOf } from "../../../data/site_id.ts";
import { define } from "../../../define.ts";
import { proxy } from "../../../proxy.ts";

/** The parameters of the readings (`from`, `to`, `device_id`, `order`) as they are. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    const siteId = siteIdOf(ctx.params);
    const response = await proxy(
      ctx,
      "processing",
      `sites/${encodeURIComponent(siteId)}/readings`,
      {
        accept: "text/csv",
      },
    );
    if (response.ok) {
      // The characters of a site's id need no quoting.
      const name = siteId.replaceAll(/[^\w.-]/g, "_");
      response.headers.set(
        "content-disposition",
        `attachment; filename="${name}.csv"`,
      );
    }
    return response;
  },
});
