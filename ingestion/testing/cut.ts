/**
 * Cutting a text or bytes into pieces, as a network does.
 *
 * @module
 */

/**
 * Cuts at some places.
 *
 * @param whole A text or bytes.
 * @param cuts Where, in any order; what is out of range is left out.
 * @returns The pieces, which together are the whole.
 */
export function cutAt<
  T extends { length: number; slice(a: number, b?: number): T },
>(
  whole: T,
  cuts: number[],
): T[] {
  const places = [...new Set(cuts)].filter((at) => at > 0 && at < whole.length)
    .sort((a, b) => a - b);
  return [0, ...places].map((at, index) => whole.slice(at, places[index]));
}

/**
 * A body that arrives in pieces.
 *
 * @param pieces The pieces.
 * @returns The stream.
 */
export function streamOf(
  pieces:
    | Iterable<Uint8Array<ArrayBuffer>>
    | AsyncIterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(pieces);
}

/**
 * Compresses.
 *
 * @param bytes What.
 * @returns The gzip file of it.
 */
export async function gzip(
  bytes: string | Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return await new Response(stream).bytes();
}
