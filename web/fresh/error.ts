/**
 * The error that carries an HTTP status.
 *
 * @module
 */

/** Thrown to answer with a status: the nearest `_error.tsx` (or `_404.tsx` for 404) renders it. */
export class HttpError extends Error {
  /** The HTTP status code, 400 to 599. */
  status: number;

  /**
   * @param status The HTTP status code
   * @param message What was wrong
   * @param options `cause`, as for any error
   */
  constructor(status: number, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = this.constructor.name;
    this.status = status;
  }
}
