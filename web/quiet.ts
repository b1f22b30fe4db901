/**
 * Breaks off a stream of events that has fallen silent.
 *
 * A service that hangs keeps its connections: the browser would call a page live that hears nothing. Once the stream
 * ends, `EventSource` connects anew, and the page says so until that has worked.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Passes on what comes, and ends when nothing has come for long.
 *
 * @param ms How long; the services send a comment at least every 20 s
 */
export function endWhenQuiet(
  ms: number,
): TransformStream<Bytes, Bytes> {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (
    controller: TransformStreamDefaultController<Bytes>,
  ) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.terminate(), ms);
  };
  return new TransformStream<Bytes, Bytes>({
    start: wait,
    transform(chunk, controller) {
      controller.enqueue(chunk);
      wait(controller);
    },
    flush: () => clearTimeout(timer),
    cancel: () => clearTimeout(timer),
  });
}
