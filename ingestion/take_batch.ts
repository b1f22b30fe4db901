/**
 * Taking a body that is read whole: one reading, or a batch that is written by one call of the script.
 *
 * @module
 */

import type { RequestState } from "../core/request_state.ts";
import { Problem } from "../core/problem.ts";
import { accepted } from "./answer.ts";
import { type Batch, readBatch } from "./batch.ts";
import { type BodyLimits, isSmall, readBody } from "./body.ts";
import type { IngestionDeps } from "./app.ts";
import type { Form } from "./form.ts";
import {
  type Answer,
  fingerprintOf,
  idempotencyKeyOf,
  keepRefusal,
  type Kept,
  type KeptRefusal,
  mismatch,
  parseKept,
} from "./idempotency.ts";
import { countRefused } from "./metrics.ts";
import { lineOf, type Lines } from "./publish.ts";
import { checkUtf8, decodeUtf8, readText } from "./text.ts";

/**
 * Takes a request's readings: all or none of them, or on a lenient request those that are valid.
 *
 * @param deps What ingestion is made of.
 * @param request The request.
 * @param form What its headers say.
 * @param state What accompanies it.
 * @returns The answer.
 * @throws {Problem} When they are not taken.
 */
export function takeBatch(
  deps: IngestionDeps,
  request: Request,
  form: Form,
  state: RequestState,
): Promise<Response> {
  if (form.idempotencyKey !== undefined) {
    return takeOnce(deps, request, form, state, form.idempotencyKey);
  }
  const take = (text: string) => {
    const { lines, answer } = admit(check(text, form, deps), form, deps);
    return deps.publisher.publish(
      lines,
      (written) => accepted(state, answer, written),
    );
  };
  const text = readText(request, form, limitsOf(deps), deps.bodies);
  // To wait for what is there would cost a turn of the microtask queue.
  return typeof text === "string" ? take(text) : text.then(take);
}

/** Takes the readings of a request with an `Idempotency-Key`. */
async function takeOnce(
  deps: IngestionDeps,
  request: Request,
  form: Form,
  state: RequestState,
  sentKey: string,
): Promise<Response> {
  const { publisher, redis } = deps;
  const ttlMs = deps.config.IDEMPOTENCY_TTL;
  using held = isSmall(form) ? undefined : deps.bodies.open();
  const body = await readBody(request, form.gzip, limitsOf(deps), held);
  const key = idempotencyKeyOf(state.key?.name, sentKey);
  const fingerprint = fingerprintOf(body, form);
  // Before the check and the backlog: what was taken once is answered the same way whatever has changed since.
  const kept = await redis.get(key);
  if (kept !== null) return again(state, kept, fingerprint);
  let batch: Batch;
  try {
    batch = check(decodeUtf8(body), form, deps);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const claim = { key, fingerprint, ttlMs };
    const first = await keepRefusal(redis, claim, error);
    return again(state, first, fingerprint);
  }
  const { lines, answer } = admit(batch, form, deps);
  const written = await publisher.publishOnce(lines, {
    key,
    before: "",
    ttlMs,
    answer: JSON.stringify({ fingerprint, ...answer } satisfies Kept),
  });
  // These were counted by the request that wrote them.
  if ("kept" in written) return again(state, written.kept, fingerprint);
  return accepted(state, answer, written);
}

function limitsOf({ config }: IngestionDeps): BodyLimits {
  return {
    maxBytes: config.MAX_BODY_BYTES,
    timeoutMs: config.BODY_TIMEOUT,
    orElse: ", or as NDJSON or CSV with Prefer: handling=lenient",
  };
}

/** What is to be written and answered, unless too much waits for processing. */
function admit(
  batch: Batch,
  form: Form,
  { backlog, metrics }: IngestionDeps,
): { lines: Lines; answer: Answer } {
  const lines = linesOf(batch, form.traceparent);
  try {
    backlog.admit();
  } catch (error) {
    countRefused(metrics, lines.count, error);
    throw error;
  }
  const rejected = form.lenient
    ? { total: batch.rejected, lines: batch.rejections }
    : undefined;
  return {
    lines,
    answer: { single: batch.single, accepted: lines.count, rejected },
  };
}

/** What the text says; an error when there is a fault in it and the request is not lenient. */
function check(
  text: string,
  form: Form,
  { config, metrics }: IngestionDeps,
): Batch {
  checkUtf8(text);
  const batch = readBatch(text, form.type, config.MAX_BATCH);
  if (batch.rejected > 0) {
    metrics.rejected("invalid", batch.rejected);
    if (!form.lenient) throw invalid(batch);
  }
  return batch;
}

/** The answer that was given before. */
function again(
  state: RequestState,
  value: string,
  fingerprint: string,
): Response {
  const { value: kept, ids } = parseKept<Kept | KeptRefusal>(value);
  if (kept.fingerprint !== fingerprint) throw mismatch();
  if ("refusal" in kept) {
    const { problem, detail, members } = kept.refusal;
    throw new Problem(problem, detail, members);
  }
  return accepted(state, kept, ids);
}

function linesOf(batch: Batch, traceparent?: string): Lines {
  let text = "";
  for (const reading of batch.readings) text += lineOf(reading, traceparent);
  return { text, count: batch.readings.length };
}

function invalid(batch: Batch): Problem {
  const { errors, faults: total } = batch;
  const [first] = errors;
  const where = "line" in first
    ? `line ${first.line}, column ${first.column}: `
    : "";
  const what = where + `${first.pointer} ${first.detail}`.trim();
  return new Problem(
    "invalid",
    total === 1
      ? `${what}. Nothing was stored.`
      : `${total} faults, the first: ${what}. Nothing was stored.`,
    { errors, total },
  );
}
