/**
 * How `POST /readings` is documented.
 *
 * @module
 */

import { z } from "zod";
import type { Endpoint } from "../core/app.ts";
import { PROBLEMS } from "../core/problem.ts";
import { readingSchema } from "../core/reading.ts";

const entryId = z.string().meta({
  description: "The id of the stream's entry",
  example: "1700000000000-0",
});

const fault = z.object({
  line: z.int().min(1).optional().meta({
    description: "The line, in NDJSON and CSV",
  }),
  column: z.int().min(1).optional().meta({
    description: "The character in the line where it begins",
  }),
  pointer: z.string().meta({
    description: "JSON Pointer to what is wrong",
    example: "/17/power_reading",
  }),
  detail: z.string().meta({
    description: "The rule",
    example: "must be a finite number",
  }),
  kind: z.string().meta({
    description: "What kind of value was there",
    example: "string",
  }),
});

const rejected = z.object({
  total: z.int().min(0).meta({ description: "How many readings" }),
  lines: z.array(fault).max(100).meta({
    description: "The first hundred of them",
  }),
});

/** The answer to one reading. */
export const acceptedOne = z.strictObject({
  status: z.literal("accepted"),
  id: entryId,
}).meta({ title: "One reading" });

/** The answer to a batch. */
export const acceptedBatch = z.strictObject({
  status: z.literal("accepted"),
  accepted: z.int().min(0).meta({ description: "How many readings" }),
  first_id: entryId.nullable(),
  last_id: entryId.nullable(),
  rejected: rejected.optional().meta({
    description: "On a lenient request: what was not taken",
  }),
}).meta({ title: "A batch" });

/** A problem document. */
export const problemDocument = z.looseObject({
  type: z.string().meta({
    example: "urn:energy-microservices:problem:invalid",
  }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(fault).max(100).optional(),
  total: z.int().optional(),
  accepted: z.int().optional().meta({
    description: "An upload that broke off: how many readings were taken",
  }),
  rejected: rejected.optional(),
  resume_from_line: z.int().optional().meta({
    description:
      "An upload that broke off: the line to go on from; in CSV behind the header line, which is needed again",
  }),
});

function problem(status: number, headers?: Record<string, unknown>) {
  const titles = Object.values(PROBLEMS)
    .filter((one) => one.status === status).map((one) => one.title);
  return {
    description: titles.join("; "),
    ...(headers && { headers: headers as never }),
    content: { "application/problem+json": { schema: problemDocument } },
  };
}

const header = (description: string, type = "string") => ({
  description,
  schema: { type },
});

const csv =
  "timestamp,site_id,device_id,power_reading\n2024-01-15T10:30:00Z,site-001,meter-42,1500.5\n";
const ndjson =
  '{"site_id":"site-001","device_id":"meter-42","power_reading":1500.5,"timestamp":"2024-01-15T10:30:00Z"}\n';

/** The route of `POST /readings`. */
export const postReadings: Endpoint = {
  method: "post",
  path: "/readings",
  scope: "write",
  tags: ["readings"],
  summary: "Take one reading, or many",
  description:
    "A batch is taken as a whole or not at all. With `Prefer: handling=lenient` what is valid is taken and the " +
    "rest is listed; NDJSON and CSV are then read as a stream and may be of any length. Readings that were " +
    "answered 202 are stored exactly once.",
  request: {
    headers: z.object({
      "idempotency-key": z.string().regex(/^[\x21-\x7e]{1,255}$/).optional()
        .meta({
          description:
            "Names the request: sent again with the same key, it is not carried out again and has the first answer, " +
            "also when that was a 4xx for what is in the body. A new or corrected request needs a new key",
        }),
      prefer: z.string().optional().meta({
        description: "`handling=lenient`: take what is valid",
        example: "handling=lenient",
      }),
      "content-encoding": z.enum(["gzip", "identity"]).optional(),
      traceparent: z.string().optional().meta({
        description: "W3C Trace Context; carried with the readings",
      }),
    }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.union([
            readingSchema,
            z.array(readingSchema).min(1),
          ]),
        },
        "application/x-ndjson": {
          schema: z.string().meta({ example: ndjson }),
        },
        "text/csv": { schema: z.string().meta({ example: csv }) },
      },
    },
  },
  responses: {
    202: {
      description: "Taken",
      headers: {
        "Preference-Applied": header("`handling=lenient`, when it was"),
      } as never,
      content: {
        "application/json": { schema: z.union([acceptedOne, acceptedBatch]) },
      },
    },
    400: problem(400),
    401: problem(401),
    403: problem(403),
    408: problem(408),
    409: problem(409, {
      "Retry-After": header("Seconds until it is worth trying again"),
    }),
    413: problem(413),
    415: problem(415, {
      "Accept-Post": header("The media types that are read"),
    }),
    422: problem(422),
    500: problem(500),
    503: problem(503, {
      "Retry-After": header("Seconds until it is worth trying again"),
    }),
  },
};
