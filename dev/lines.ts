/**
 * Reading the output of a process line by line.
 *
 * @module
 */

/**
 * Calls a function with each line of a stream of UTF-8 text.
 *
 * @param stream The text, in chunks that may end anywhere.
 * @param told Called with each line, without its end; a last line that is not ended counts too.
 */
export async function eachLine(
  stream: ReadableStream<Uint8Array>,
  told: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(told);
  }
  if (rest !== "") told(rest);
}
