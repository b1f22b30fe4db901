/**
 * The reading: the one schema that everything which takes, moves, stores or describes readings uses.
 *
 * @module
 */

import { z } from "zod";
import { epochMsOf, parseTimestamp } from "./timestamp.ts";

const NAME_RULE =
  "must be 1 to 64 characters out of A-Z a-z 0-9 . _ : - and start with a letter or a digit";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** The largest power, in watts, either way: 1 GW. */
export const MAX_WATTS = 1e9;

/** The name of a site or of a device. */
export const nameSchema: z.ZodString = z.string({ error: "must be a string" })
  .regex(NAME, { error: NAME_RULE });

/**
 * The schema of a reading as it is sent; parsing gives it as it is kept, with its timestamp in UTC.
 *
 * @param now The clock that a timestamp may not be far ahead of, in milliseconds since 1970.
 * @returns The schema.
 */
export function createReadingSchema(now: () => number) {
  return z.strictObject({
    site_id: nameSchema.meta({
      description: "The site the meter belongs to",
      example: "site-001",
    }),
    device_id: nameSchema.meta({
      description: "The meter or device",
      example: "meter-42",
    }),
    power_reading: z.number({ error: "must be a finite number" })
      .min(-MAX_WATTS, { error: "must be at least -1e9 (watts)" })
      .max(MAX_WATTS, { error: "must be at most 1e9 (watts)" })
      .meta({
        description: "Power in watts; negative is export",
        example: 1500.5,
      }),
    timestamp: z.string({ error: "must be a string" })
      .transform((text, context) => {
        const parsed = parseTimestamp(text, now());
        if (typeof parsed !== "string") return parsed.utc;
        context.issues.push({ code: "custom", message: parsed, input: text });
        return z.NEVER;
      })
      .meta({
        description:
          "ISO 8601 date and time with an offset, a fraction of up to nine digits, at most 24 h ahead of the clock",
        format: "date-time",
        example: "2024-01-15T10:30:00Z",
      }),
  }, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? undefined
        : "must be an object with the fields of a reading",
  });
}

/** The schema of a reading, by the clock of this machine. */
export const readingSchema = createReadingSchema(Date.now);

/** A reading that was checked: names and number within their rules, the timestamp in UTC. */
export type Reading = z.output<typeof readingSchema>;

/** The fields of a reading, in the order in which they are written everywhere. */
export const READING_FIELDS = [
  "site_id",
  "device_id",
  "power_reading",
  "timestamp",
] as const;

/** How many faults an answer lists. */
export const MAX_LISTED = 100;

/** One thing that is wrong with a reading. */
export interface Fault {
  /** JSON Pointer (RFC 6901) from the reading to what is wrong: `/power_reading`, or `` for the whole. */
  pointer: string;
  /** The rule, as a sentence without its subject: `must be a finite number`. */
  detail: string;
  /** What kind of value was there (never the value): `string`, `number`, `missing`, … */
  kind: string;
}

/**
 * A reading that was checked, and its time in milliseconds since 1970; or the first {@linkcode MAX_LISTED} faults of what
 * is none, and how many it has: a stranger may send hundreds of thousands of unknown fields.
 */
export type Checked = { reading: Reading; epochMs: number } | {
  faults: Fault[];
  total: number;
};

/**
 * Makes what checks values against the schema of a reading.
 *
 * @param now The clock that a timestamp may not be far ahead of, in milliseconds since 1970.
 * @returns What checks anything that JSON can say.
 */
export function createReadingCheck(
  now: () => number,
): (value: unknown) => Checked {
  const schema = createReadingSchema(now);
  return (value) => recognize(value, now) ?? checkAll(value, schema);
}

/** Checks a value by the clock of this machine. */
export const checkReading = createReadingCheck(Date.now);

/**
 * Knows a reading that is right, in a fraction of the time and with a fraction of the garbage that the schema takes
 * for it. What it does not know may be right as well: the schema decides, and says what is wrong.
 */
function recognize(value: unknown, now: () => number): Checked | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { site_id, device_id, power_reading, timestamp } = value as Partial<
    Record<keyof Reading, unknown>
  >;
  if (
    typeof site_id !== "string" || typeof device_id !== "string" ||
    typeof power_reading !== "number" || typeof timestamp !== "string" ||
    !(power_reading >= -MAX_WATTS && power_reading <= MAX_WATTS) ||
    !NAME.test(site_id) || !NAME.test(device_id)
  ) return undefined;
  let fields = 0;
  for (const _ in value) fields++;
  if (fields !== READING_FIELDS.length) return undefined;
  const parsed = parseTimestamp(timestamp, now());
  if (typeof parsed === "string") return undefined;
  return {
    reading: { site_id, device_id, power_reading, timestamp: parsed.utc },
    epochMs: parsed.epochMs,
  };
}

function checkAll(
  value: unknown,
  schema: ReturnType<typeof createReadingSchema>,
): Checked {
  const result = schema.safeParse(value);
  if (result.success) {
    const { data } = result;
    return { reading: data, epochMs: epochMsOf(data.timestamp) };
  }
  const faults: Fault[] = [];
  let total = 0;
  for (const issue of result.error.issues) {
    if (issue.code === "unrecognized_keys") {
      total += issue.keys.length;
      for (const key of issue.keys.slice(0, MAX_LISTED - faults.length)) {
        faults.push({
          pointer: `/${pointerToken(key)}`,
          detail: "is not a field of a reading",
          kind: kindOf((value as Record<string, unknown>)[key]),
        });
      }
      continue;
    }
    total++;
    const key = issue.path[0] as string | undefined;
    const found = key === undefined
      ? value
      : (value as Record<string, unknown>)[key];
    faults.push({
      pointer: key === undefined ? "" : `/${key}`,
      detail: found === undefined ? "is required" : issue.message,
      kind: kindOf(found),
    });
  }
  return { faults, total };
}

/**
 * The kind of a value, in JSON's words.
 *
 * @param value Anything.
 * @returns `missing`, `null`, `array`, `object`, `string`, `number` or `boolean`.
 */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** RFC 6901 escapes; and a name that a stranger chose is cut and kept printable before it is repeated to them. */
function pointerToken(key: string): string {
  return key.slice(0, 64).toWellFormed().replace(/\p{Cc}/gu, "\uFFFD")
    .replaceAll("~", "~0").replaceAll("/", "~1");
}
