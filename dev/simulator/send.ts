/**
 * Sending batches to the ingestion API as a client does that wants each reading stored, and stored once.
 *
 * @module
 */

import type { Reading } from "./meters.ts";

/** Where to send to. */
export interface SendOptions {
  /** The ingestion API, such as `http://localhost:8000`. */
  url: string;
  /** The API key, if one is needed. */
  apiKey?: string;
  /** Told what a person should know. */
  say: (line: string) => void;
}

/** Sends one batch and returns when it was taken. */
export type Send = (
  readings: Reading[],
  idempotencyKey: string,
) => Promise<void>;

/** A key is needed, or another one: to try again will not do. */
export class KeyError extends Error {
  override name = "KeyError";
}

/** How long to wait when nobody answers, or the answer does not say. */
const PAUSE_MS = 1000;
const NO_ANSWER_MS = 10_000;

/**
 * Makes a sender.
 *
 * It repeats a batch until it is taken: at once refused (429, 503) after as long as `Retry-After` asks for, unanswered
 * after a second. The `Idempotency-Key` makes the repetition safe where the outcome is not known.
 *
 * @param options Where to send to.
 * @returns The sender. It throws when the batch can never be taken, as with a wrong API key.
 */
export function createSend({ url, apiKey, say }: SendOptions): Send {
  let waiting = false;
  return async (readings, idempotencyKey) => {
    while (true) {
      const { wait, why } = await attempt(readings, idempotencyKey);
      if (wait === undefined) {
        if (waiting) say("ingestion takes readings again");
        waiting = false;
        return;
      }
      if (!waiting) say(`waits for ingestion: ${why}`);
      waiting = true;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };

  async function attempt(
    readings: Reading[],
    idempotencyKey: string,
  ): Promise<{ wait?: number; why?: string }> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/readings`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
          ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        },
        body: JSON.stringify(readings),
        signal: AbortSignal.timeout(NO_ANSWER_MS),
      });
      text = await response.text();
    } catch {
      return { wait: PAUSE_MS, why: `${url} does not answer` };
    }
    if (response.ok) return {};
    if (response.status === 429 || response.status >= 500) {
      const asked = Number(response.headers.get("retry-after"));
      return {
        wait: asked > 0 ? asked * 1000 : PAUSE_MS,
        why: `it answered ${response.status}`,
      };
    }
    const refusal = `Ingestion answered ${response.status}: ${detailOf(text)}`;
    if (response.status === 401 || response.status === 403) {
      throw new KeyError(`${refusal}
Set API_KEY to a key of scope write, or of scope admin, with which the dashboard reads as well; \`deno task key NAME admin\` makes one.`);
    }
    throw new Error(refusal);
  }
}

/** What a problem document says, or all of what is none. */
function detailOf(text: string): string {
  try {
    return JSON.parse(text).detail ?? text;
  } catch {
    return text;
  }
}

/** Batches that wait for their turn. */
export interface Outbox {
  /** Adds a batch. */
  add(readings: Reading[]): void;
  /** Rejects when a batch can never be taken. */
  failed: Promise<never>;
}

/**
 * Makes an outbox that sends one batch after the other, so that what cannot be sent now is sent later.
 *
 * @param send The sender.
 * @param say Told when a batch is given up.
 * @param capacity How many batches may wait; beyond it the oldest is given up, as in a meter with a full memory.
 * @returns The outbox.
 */
export function createOutbox(
  send: Send,
  say: (line: string) => void,
  capacity = 3600,
): Outbox {
  const waiting: { readings: Reading[]; key: string }[] = [];
  const failed = Promise.withResolvers<never>();
  let busy = false;
  const work = async () => {
    busy = true;
    try {
      for (let next = waiting[0]; next; next = waiting[0]) {
        await send(next.readings, next.key);
        if (waiting[0] === next) waiting.shift();
      }
    } catch (error) {
      failed.reject(error);
    }
    busy = false;
  };
  return {
    failed: failed.promise,
    add: (readings) => {
      waiting.push({ readings, key: `simulator-${crypto.randomUUID()}` });
      if (waiting.length > capacity) {
        // The first one is under way.
        waiting.splice(1, 1);
        say("a batch is given up: too many wait");
      }
      if (!busy) work();
    },
  };
}
