/**
 * Taking a lenient upload: read, checked and written as a stream, so that it takes no more memory the longer it is.
 *
 * @module
 */

import type { RequestState } from "../core/request_state.ts";
import { MAX_LISTED } from "../core/reading.ts";
import { createTurns } from "../core/turns.ts";
import { accepted } from "./answer.ts";
import type { IngestionDeps } from "./app.ts";
import { createLineParser } from "./batch.ts";
import { streamBody } from "./body.ts";
import type { Form } from "./form.ts";
import { idempotencyKeyOf, treatmentOf } from "./idempotency.ts";
import { checkLine, type LineFault } from "./line_parser.ts";
import { createLineSplitter } from "./lines.ts";
import { countRefused } from "./metrics.ts";
import { lineOf, type Lines } from "./publish.ts";
import { decodeUtf8Stream } from "./text.ts";
import { type Progress, takeUploadKey, type UploadKey } from "./upload_key.ts";
import { brokenOff, noReadings } from "./upload_problem.ts";

/** Readings that are written at a time. */
const PART_READINGS = 1000;

/** How long an upload is held back while too much waits for processing, before it is broken off. */
const ROOM_MS = 15_000;

/**
 * Takes an upload. While one part of it is being written the next is read and checked, and no further: a client
 * that sends faster than Redis takes, or while too much waits, is slowed down by TCP.
 *
 * @param deps What ingestion is made of.
 * @param request The request.
 * @param form What its headers say.
 * @param state What accompanies it.
 * @returns The answer.
 * @throws {Problem} When it breaks off; `accepted`, `rejected` and `resume_from_line` say how far it came.
 */
export async function takeUpload(
  deps: IngestionDeps,
  request: Request,
  form: Form,
  state: RequestState,
): Promise<Response> {
  const { config, redis, publisher } = deps;
  const key = form.idempotencyKey === undefined
    ? undefined
    : await takeUploadKey({
      redis,
      publisher,
      key: idempotencyKeyOf(state.key?.name, form.idempotencyKey),
      ttlMs: config.IDEMPOTENCY_TTL,
      treatment: treatmentOf(form),
    });
  const upload = createUpload(deps, form, key);
  try {
    const body = streamBody(request, form.gzip, {
      maxBytes: config.MAX_UPLOAD_BYTES,
      timeoutMs: config.BODY_TIMEOUT,
    });
    const splitter = createLineSplitter();
    const turns = createTurns();
    for await (const text of decodeUtf8Stream(body)) {
      for (const line of splitter.push(text)) {
        if (upload.take(line)) {
          await upload.write();
          turns.turned();
        }
      }
      // Blank lines, and those that were taken before, lead to no write.
      await turns.turn();
    }
    for (const line of splitter.end()) upload.take(line);
    await upload.finish();
    const { accepted: taken, rejected } = upload.progress;
    const answer = { single: false, accepted: taken, rejected };
    return accepted(state, answer, upload.progress);
  } catch (error) {
    await upload.settled();
    throw brokenOff(error, upload.progress, form);
  } finally {
    await key?.release();
  }
}

function createUpload(
  { backlog, publisher, metrics }: IngestionDeps,
  form: Form,
  key: UploadKey | undefined,
) {
  const parser = createLineParser(form.type);
  const start = key?.progress;
  let progress: Progress = start ??
    {
      line: 0,
      accepted: 0,
      rejected: { total: 0, lines: [] },
      first: "",
      last: "",
    };
  let number = 0, text = "", count = 0, rejectedNow = 0;
  let rejectedTotal = progress.rejected.total;
  const rejections: LineFault[] = progress.rejected.lines as LineFault[];
  let writing: Promise<void> = Promise.resolve();

  const publish = async (lines: Lines, next: Progress, done: boolean) => {
    const send = key?.part(lines, next, done) ??
      (() => publisher.publish(lines, (written) => written));
    try {
      await backlog.room(ROOM_MS);
    } catch (error) {
      countRefused(metrics, lines.count, error);
      throw error;
    }
    const written = await send();
    progress = {
      ...next,
      first: next.first || written.first,
      last: written.last || next.last,
    };
  };
  const write = async (done = false) => {
    await writing;
    const lines = { text, count };
    const next: Progress = {
      ...progress,
      line: number,
      accepted: progress.accepted + count,
      rejected: { total: rejectedTotal, lines: rejections.slice() },
    };
    metrics.rejected("invalid", rejectedNow);
    text = "";
    count = rejectedNow = 0;
    writing = publish(lines, next, done);
    // It is awaited with the next part; until then nobody may be there to hear of a failure.
    writing.catch(() => {});
  };

  return {
    get progress() {
      return progress;
    },
    /** Takes a line; says whether there are enough of them to be written. */
    take(line: string): boolean {
      number++;
      key?.line(line, number);
      if (start !== undefined && number <= start.line) {
        // Taken by an earlier request; but the header is needed again.
        if (parser.needsHeader) checkLine(parser, line, number);
        return false;
      }
      const checked = checkLine(parser, line, number);
      if (checked === undefined) return false;
      if ("reading" in checked) {
        text += lineOf(checked.reading, form.traceparent);
        return ++count + rejectedNow >= PART_READINGS;
      }
      rejectedTotal++;
      if (rejections.length < MAX_LISTED) rejections.push(checked.faults[0]);
      return count + ++rejectedNow >= PART_READINGS;
    },
    write,
    /** Writes the rest. */
    async finish(): Promise<void> {
      key?.end(number);
      if (!key?.done) {
        if (progress.accepted + count + rejectedTotal === 0) {
          await writing;
          if (progress.accepted === 0) throw noReadings();
        }
        await write(true);
        await writing;
      }
    },
    /** Waits until nothing is being written any more. */
    settled: () => writing.catch(() => {}),
  };
}
