/**
 * Parameters of the processing API, checked where they are used and documented.
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import { parameterProblem } from "./parameter_problem.ts";
import { nameSchema } from "../core/reading.ts";
import { STEP_MS, type StepName } from "./calendar.ts";
import { isTimeZone } from "./range.ts";

/** The largest page. */
const MAX_LIMIT = 10_000;

/** A site in a path. */
export const siteParams = z.object({ site_id: nameSchema });

/** A page's size. */
const limit = z.string().regex(/^\d{1,6}$/, {
  error: `must be a whole number from 1 to ${MAX_LIMIT}`,
})
  .transform(Number)
  .pipe(
    z.number().min(1, {
      error: `must be a whole number from 1 to ${MAX_LIMIT}`,
    })
      .max(MAX_LIMIT, {
        error: `must be a whole number from 1 to ${MAX_LIMIT}`,
      }),
  );

/** The id of an entry or a dead letter. */
const entryId = z.string().regex(/^\d{1,19}-\d{1,19}$/, {
  error: "must be an id such as 1700000000000-0",
});

/** The time zone of dates and steps. */
const tz = z.string().refine(isTimeZone, {
  error: "must be an IANA time zone such as Europe/Berlin or UTC",
}).optional().meta({
  description: "Time zone of dates and steps, such as Europe/Berlin",
});

/** A time, taken apart by {@linkcode rangeTime}. */
const time = (description: string) =>
  z.string().meta({
    description:
      `${description}: ISO 8601 with an offset, or a date together with tz`,
  });

const step = z.enum(Object.keys(STEP_MS) as StepName[], {
  error: `must be one of ${Object.keys(STEP_MS).join(", ")}`,
});

/** What a site's series is asked for with. */
export const seriesQuery = z.object({
  from: time("Start of the range, brought to the start of its step"),
  to: time("End of the range, brought to the end of its step"),
  step: step.meta({ description: "Length of a step, in the calendar of tz" }),
  device_id: nameSchema.optional(),
  tz,
});

/** What the sites' means are asked for with. */
export const sitesQuery = z.object({
  since: time("Adds each site's means since then, and today's energy")
    .optional(),
  step: step.optional().meta({
    description: "Length of a step of the means; 15m without it",
  }),
  tz,
});

/** What narrows a site's readings. */
export const readingsQuery = z.object({
  from: time("Only from this time on").optional(),
  to: time("Only before this time").optional(),
  tz,
  limit: limit.optional().meta({
    description: "How many at most; without it, all are sent",
  }),
  cursor: z.string().max(512).optional().meta({
    description: "Where to go on, out of a Link header",
  }),
  order: z.enum(["asc", "desc"], { error: "must be asc or desc" }).optional()
    .meta({
      description: "asc, the order processed, or desc, the newest first",
    }),
  device_id: nameSchema.optional(),
});

/** The forms of an export. */
export const EXPORT_FORMATS = ["csv", "ndjson", "parquet"] as const;

/** What is exported. */
export const exportQuery = z.object({
  from: time("Only from this time on").optional(),
  to: time("Only before this time").optional(),
  tz,
  site_id: z.array(nameSchema).optional().meta({
    description: "Only of these sites; all without it",
    param: { name: "site_id", in: "query", style: "form", explode: true },
  }),
  format: z.enum(EXPORT_FORMATS, { error: "must be csv, ndjson or parquet" })
    .optional()
    .meta({ description: "In place of Accept" }),
  cursor: z.string().max(512).optional().meta({
    description: "The last line that was received, to go on behind it",
  }),
});

/** A page of dead letters. */
export const deadLettersQuery = z.object({
  limit: limit.optional().meta({
    description: "How many at most; 100 without it",
  }),
  cursor: entryId.optional().meta({
    description: "Where to go on, out of a Link header",
  }),
});

/** A page of the sites' sizes. */
export const sizesQuery = z.object({
  limit: limit.optional().meta({
    description: "How many at most; 100 without it",
  }),
  cursor: z.string().regex(/^\d{1,9}$/, {
    error: "must be a whole number out of a Link header",
  }).transform(Number).optional().meta({
    description: "Where to go on, out of a Link header",
  }),
});

/** What `GET /sites/{site_id}/live` takes beside the site. */
export const resumeHeaders = z.object({
  "Last-Event-ID": z.string().regex(/^\d{1,15}$/).optional().meta({
    description: "The id of the last event that was seen",
  }),
});

/** A dead letter in a path. */
export const deadLetterParams = z.object({ id: entryId });

/**
 * Checks parameters.
 *
 * @param schema What they must be.
 * @param given What came.
 * @returns The parameters, parsed.
 * @throws {Problem} 422 that names each parameter and its rule; one that is not known is a fault, too.
 */
export function checkParameters<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  given: Record<string, string | string[]>,
): z.output<z.ZodObject<S>> {
  const result = schema.strict().safeParse(given);
  if (result.success) return result.data as z.output<z.ZodObject<S>>;
  const errors = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
        parameter: key.slice(0, 64).toWellFormed(),
        detail: `is not known here; there are ${
          Object.keys(schema.shape).join(", ")
        }`,
      }))
      : [{
        parameter: String(issue.path[0]),
        detail: given[String(issue.path[0])] === undefined
          ? "is required"
          : issue.message,
      }]
  );
  throw parameterProblem(errors);
}
