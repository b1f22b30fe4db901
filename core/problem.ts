/**
 * Errors as RFC 9457 problem documents.
 *
 * @module
 */

/** What identifies each kind of problem; stable, so that a program can rely on it. */
export const PROBLEMS = {
  "not-json": { status: 400, title: "The body cannot be read" },
  "bad-request": { status: 400, title: "The request is not understood" },
  "unauthorized": { status: 401, title: "An API key is needed" },
  "forbidden": { status: 403, title: "The API key does not allow this" },
  "not-found": { status: 404, title: "There is nothing here" },
  "method-not-allowed": {
    status: 405,
    title: "The method is not allowed here",
  },
  "timeout": { status: 408, title: "The body did not arrive in time" },
  "conflict": { status: 409, title: "The same request is under way" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": {
    status: 415,
    title: "The media type is not supported",
  },
  "invalid": { status: 422, title: "The content breaks a rule" },
  "idempotency-mismatch": {
    status: 422,
    title: "The Idempotency-Key belongs to another request",
  },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "internal": { status: 500, title: "Something went wrong in the service" },
  "backlog": { status: 503, title: "More is waiting than may wait" },
  "redis-unavailable": { status: 503, title: "Redis cannot be used" },
  "outcome-unknown": {
    status: 503,
    title: "It is not known whether the readings were taken",
  },
  "draining": { status: 503, title: "The service is shutting down" },
} as const;

/** The name of a kind of problem. */
export type ProblemName = keyof typeof PROBLEMS;

/** An error with an answer for the client: throw it anywhere below a handler. */
export class Problem extends Error {
  /** The kind. */
  readonly problem: ProblemName;
  /** Further members of the document. */
  readonly members: Record<string, unknown>;
  /** Further headers of the answer. */
  readonly headers: Record<string, string>;

  /**
   * @param problem The kind, which gives status and title.
   * @param detail What happened and what to do, for a person.
   * @param members Further members of the document, such as `errors`.
   * @param headers Further headers, such as `Retry-After`.
   */
  constructor(
    problem: ProblemName,
    detail: string,
    members: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.problem = problem;
    this.members = members;
    this.headers = headers;
  }

  /** The HTTP status. */
  get status(): number {
    return PROBLEMS[this.problem].status;
  }

  /**
   * The answer to send.
   *
   * @returns A response of type `application/problem+json`.
   */
  toResponse(): Response {
    const { status, title } = PROBLEMS[this.problem];
    const document = {
      type: `urn:energy-microservices:problem:${this.problem}`,
      title,
      status,
      detail: this.message,
      ...this.members,
    };
    return new Response(JSON.stringify(document), {
      status,
      headers: { "content-type": "application/problem+json", ...this.headers },
    });
  }
}
