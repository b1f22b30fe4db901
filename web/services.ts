/**
 * The two services behind the dashboard, and how they are asked.
 *
 * @module
 */
import type { Problem } from "./api_types.ts";

/** Where the services are, and the dashboard's own key of scope `read`. */
export interface Services {
  ingestion: string;
  processing: string;
  apiKey?: string;
  /** How long their events may be silent. */
  quietMs: number;
}

/** Set once by whatever starts the dashboard. */
export const services: Services = {
  ingestion: "http://localhost:8000",
  processing: "http://localhost:8001",
  quietMs: 40_000,
};

/** A service could not be asked, or answered with an error. */
export class ServiceError extends Error {
  override name = "ServiceError";
  constructor(
    readonly service: keyof Services,
    readonly status: number,
    message: string,
    /** The parameter that broke a rule. */
    readonly parameter?: string,
  ) {
    super(message);
  }
}

/** How long a page waits for a service before it is shown without. */
const TIMEOUT_MS = 4_000;

/** The key header, if there is a key. */
export function ownKey(): Record<string, string> {
  return services.apiKey ? { authorization: `Bearer ${services.apiKey}` } : {};
}

/** Gets JSON from a service, as {@linkcode getAnswer} does. */
export async function getJson<T>(
  service: "ingestion" | "processing",
  path: string,
): Promise<T> {
  return await (await getAnswer(service, path)).json();
}

/**
 * Gets a service's answer, if it is a good one.
 *
 * @param service Which
 * @param path Path and query
 * @throws {ServiceError} With status 0 when it does not answer
 */
export async function getAnswer(
  service: "ingestion" | "processing",
  path: string,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(services[service] + path, {
      headers: { accept: "application/json", ...ownKey() },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new ServiceError(
      service,
      0,
      `The ${service} service does not answer (${(error as Error).name}).`,
    );
  }
  if (!response.ok) {
    const problem: Problem = await response.json().catch(() => ({}));
    throw new ServiceError(
      service,
      response.status,
      problem.detail ?? problem.title ?? `It answered ${response.status}.`,
      problem.errors?.[0]?.parameter,
    );
  }
  return response;
}

/**
 * Shares one call among all who ask for the same within `ms`: a crowd of visitors costs a service no more
 * than one.
 *
 * @param ms How long an answer is good
 * @param load What is called
 */
export function shared<A extends string, T>(
  ms: number,
  load: (argument: A) => Promise<T>,
): (argument: A) => Promise<T> {
  const kept = new Map<A, { until: number; value: Promise<T> }>();
  return (argument) => {
    const now = Date.now();
    const known = kept.get(argument);
    if (known !== undefined && known.until > now) return known.value;
    if (kept.size > 100) kept.clear();
    const value = load(argument);
    kept.set(argument, { until: now + ms, value });
    value.catch(() => kept.delete(argument));
    return value;
  };
}

/** Why a page has nothing to show, for whoever looks at it. */
export function reasonOf(error: unknown): string {
  if (
    error instanceof ServiceError &&
    (error.status === 401 || error.status === 403)
  ) {
    return `The ${error.service} service wants a key: set API_KEY of the dashboard to one of scope read.`;
  }
  return error instanceof ServiceError && error.status > 0
    ? `The ${error.service} service cannot answer: ${error.message}`
    : "The processing service does not answer.";
}

/** What a service has against a request. */
export interface Refusal {
  /** The page's: 404 for a site's name that can be none, else 400. */
  status: number;
  words: string;
}

/** The refusal that an error is; null for one that may be gone the next time. */
export function refusalOf(error: unknown): Refusal | null {
  return error instanceof ServiceError && error.status === 422
    ? {
      status: error.parameter === "site_id" ? 404 : 400,
      words: error.message,
    }
    : null;
}
