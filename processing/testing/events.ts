/**
 * Reading server-sent events in a test.
 *
 * @module
 */

/** One event. */
export interface ServerEvent {
  event: string;
  id?: string;
  // deno-lint-ignore no-explicit-any
  data: any;
}

/**
 * Reads events off an answer.
 *
 * @param response The answer.
 * @returns `next` waits for an event, `close` goes away as a client does.
 */
export function eventsOf(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  return {
    async next(): Promise<ServerEvent> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const fields = text.slice(0, end).split("\n").map((line) =>
            line.split(/: (.*)/s)
          );
          text = text.slice(end + 2);
          const field = (name: string) =>
            fields.find(([key]) => key === name)?.[1];
          if (field("data") === undefined) continue;
          return {
            event: field("event") ?? "message",
            id: field("id"),
            data: JSON.parse(field("data")!),
          };
        }
        const { value, done } = await reader.read();
        if (done) throw new Error("the events have ended");
        text += value;
      }
    },
    close: () => reader.cancel(),
  };
}
