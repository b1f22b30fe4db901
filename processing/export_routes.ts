/**
 * The route that gives everything out.
 *
 * @module
 */

import { accepts } from "hono/accepts";
import type { App, AppContext } from "../core/app.ts";
import type { Redis } from "../core/redis.ts";
import { get, PROBLEMS } from "./endpoint.ts";
import { planExport, readExport } from "./export.ts";
import { readExportCursor } from "./export_cursor.ts";
import { exportLines } from "./export_lines.ts";
import { exportParquet } from "./export_parquet.ts";
import { parameterProblem } from "./parameter_problem.ts";
import { checkParameters, EXPORT_FORMATS, exportQuery } from "./parameters.ts";
import { readRange } from "./range.ts";

const TYPES = {
  csv: "text/csv",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
} as const;

/**
 * Adds the route.
 *
 * @param app The API.
 * @param redis The connection.
 */
export function addExportRoutes(app: App, redis: Redis): void {
  app.endpoint({
    ...get("/export", "The readings of some sites, or of all, as a file"),
    description:
      "Site by site, by name, each in the order processed; as CSV or NDJSON, as ingestion takes it, or as " +
      "Parquet with timestamps to the microsecond (`format`, else `Accept`, else CSV). `from` and `to` narrow them by their timestamps. When the download breaks, drop the " +
      "last line, which may be cut off, and ask again with the last line then as `cursor` (it must be URL-encoded): " +
      "what comes behind it is sent, without the names of the columns, to be appended. Where the very same reading " +
      "was stored more than once, the cursor stands for the first of them, and what came behind comes again; where " +
      "it was removed meanwhile, the answer goes on at the oldest reading of its site that is left.",
    request: { query: exportQuery },
    responses: {
      200: {
        description: "The readings, as a stream",
        content: {
          "text/csv": { schema: { type: "string" } },
          "application/x-ndjson": { schema: { type: "string" } },
          "application/vnd.apache.parquet": {
            schema: { type: "string", format: "binary" },
          },
        },
      },
      ...PROBLEMS,
    },
  }, async (context) => {
    const { cursor = "", site_id: siteIds, ...given } = checkParameters(
      exportQuery,
      {
        ...context.req.query(),
        ...(context.req.queries("site_id") &&
          { site_id: context.req.queries("site_id")! }),
      },
    );
    const format = given.format ?? accepted(context);
    if (format === "parquet" && cursor !== "") {
      throw parameterProblem([{
        parameter: "cursor",
        detail: "goes on with CSV or NDJSON; a Parquet file is sent as a whole",
      }]);
    }
    const query = {
      ...readRange(given),
      siteIds,
      // Of a download that broke before its first line there is nothing to go on behind.
      after: cursor === "" ? undefined : readExportCursor(cursor, siteIds),
    };
    const parts = await planExport(redis, query);
    const chunks = readExport(redis, parts, query);
    const body = format === "parquet"
      ? ReadableStream.from(exportParquet(chunks))
      : ReadableStream.from(exportLines(format, chunks, cursor === ""))
        .pipeThrough(new TextEncoderStream());
    const name = siteIds?.length === 1
      // A colon cannot be in the name of a file everywhere.
      ? `readings-${siteIds[0].replaceAll(":", "_")}`
      : "readings";
    return new Response(
      body,
      {
        headers: {
          "content-type": format === "csv"
            ? "text/csv; charset=utf-8; header=" +
              (cursor === "" ? "present" : "absent")
            : TYPES[format],
          "content-disposition": `attachment; filename="${name}.${format}"`,
          vary: "accept",
        },
      },
    );
  });
}

function accepted(context: AppContext): keyof typeof TYPES {
  const type = accepts(context, {
    header: "Accept",
    supports: Object.values(TYPES),
    default: TYPES.csv,
  });
  return EXPORT_FORMATS.find((format) => TYPES[format] === type)!;
}
