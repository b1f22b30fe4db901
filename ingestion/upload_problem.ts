/**
 * The answers to uploads that were not taken to their end.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import { outcomeOf } from "../core/redis_error.ts";
import type { Form } from "./form.ts";
import { publishProblem } from "./publish_problem.ts";
import type { Progress } from "./upload_key.ts";

/**
 * An upload without a reading.
 *
 * @returns The 422.
 */
export function noReadings(): Problem {
  return new Problem("invalid", "The upload has no readings.", {
    errors: [{
      line: 1,
      column: 1,
      pointer: "",
      detail: "must have at least one reading",
      kind: "text",
    }],
    total: 1,
  });
}

/**
 * Adds to an error what the client needs to go on.
 *
 * @param thrown The error.
 * @param progress How far the upload came.
 * @param form What its headers say.
 * @returns The error that the answer is made of.
 */
export function brokenOff(
  thrown: unknown,
  progress: Progress,
  form: Form,
): unknown {
  const { line, accepted, rejected } = progress;
  const error = outcomeOf(thrown).outcome === "other"
    ? thrown
    : publishProblem(thrown);
  if (!(error instanceof Problem)) return error;
  if (["conflict", "idempotency-mismatch"].includes(error.problem)) {
    return error;
  }
  if (line === 0 && error.status < 500) return error;
  const { type, idempotencyKey } = form;
  const behind = type === "text/csv" && line > 0
    ? " behind the header line"
    : "";
  const rest = `Send the rest again${behind}, from line ${line + 1} on`;
  const goOn = idempotencyKey === undefined
    ? rest +
      (error.problem === "outcome-unknown"
        ? "; what follows it may have been taken."
        : ".")
    : error.problem === "too-large"
    ? `${rest}, with another Idempotency-Key.`
    : "Send the same body again with the same Idempotency-Key.";
  return new Problem(
    error.problem,
    `${error.message} Up to line ${line} all is done. ${goOn}`,
    { ...error.members, accepted, rejected, resume_from_line: line + 1 },
    error.headers,
  );
}
