/**
 * A reading out of a form, and what the API says of it.
 *
 * @module
 */
import type { Problem } from "../api_types.ts";

/** The form's fields, as typed. */
export interface Draft {
  site_id: string;
  device_id: string;
  power_reading: string;
  timestamp: string;
}

/** Names of the fields. */
export const FIELDS = [
  "site_id",
  "device_id",
  "power_reading",
  "timestamp",
] as const;

/** What came of sending. */
export interface Outcome {
  /** The entry's id, when it was accepted. */
  id: string | null;
  /** What is wrong with the whole. */
  message: string | null;
  /** What is wrong with a field. */
  faults: Partial<Record<keyof Draft, string>>;
}

/**
 * The body of the call. The form adds no rules of its own: what is no number is sent as it was typed, and what is
 * empty is left out, so that the API says what it thinks of it.
 */
export function toBody(draft: Draft): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const text = draft[field].trim();
    if (text === "") continue;
    const number = Number(text);
    body[field] = field === "power_reading" && Number.isFinite(number)
      ? number
      : text;
  }
  return body;
}

/** Reads the API's answer. */
export async function outcomeOf(response: Response): Promise<Outcome> {
  const answer = await response.json().catch(() => ({})) as Problem & {
    id?: string;
  };
  if (response.ok) return { id: answer.id ?? "", message: null, faults: {} };
  const faults: Outcome["faults"] = {};
  const others: string[] = [];
  for (const { pointer, detail } of answer.errors ?? []) {
    const field = FIELDS.find((name) => pointer === `/${name}`);
    if (field === undefined) others.push(detail);
    else faults[field] ??= detail;
  }
  const known = Object.keys(faults).length > 0;
  const general = response.status === 401 || response.status === 403
    ? `${
      answer.detail ?? "This needs an API key."
    } Enter a key of scope write below.`
    : answer.detail ?? answer.title ??
      `The service answered ${response.status}.`;
  return {
    id: null,
    message: known && others.length === 0 ? null : others[0] ?? general,
    faults,
  };
}

/**
 * The same call for a terminal; what is not filled in yet has an example. It goes through the dashboard: whoever
 * reads this reaches that, and need not reach the ingestion service.
 */
export function curlLine(draft: Draft, origin: string): string {
  const example = {
    site_id: "site-001",
    device_id: "meter-42",
    power_reading: 1500.5,
  };
  const json = JSON.stringify({ ...example, ...toBody(draft) }).replaceAll(
    "'",
    "'\\''",
  );
  return `curl -X POST ${origin}/api/ingestion/readings \\\n  -H 'content-type: application/json' \\\n  -d '${json}'`;
}
