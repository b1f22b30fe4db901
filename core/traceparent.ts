/**
 * W3C Trace Context: the `traceparent` header, taken from a request and carried with its readings.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 * @module
 */

const PATTERN =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads a `traceparent` header. One that is malformed is as good as none, as the specification wants.
 *
 * @param header The header's value.
 * @returns The value, or `undefined`.
 */
export function parseTraceparent(
  header: string | null | undefined,
): string | undefined {
  return header != null && header.length === 55 && PATTERN.test(header)
    ? header
    : undefined;
}
