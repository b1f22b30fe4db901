/**
 * Reads a form that was posted, without trust: who sends it need not be a browser.
 *
 * @module
 */
import { HttpError } from "fresh";

/** The forms here have five short fields. */
const MAX_BYTES = 65_536;

const TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];

/**
 * Reads the fields.
 *
 * @param req The request
 * @throws {HttpError} 415 for what is no form, 413 for a large one, 400 for one that is cut off or broken
 */
export async function smallForm(req: Request): Promise<FormData> {
  const type = req.headers.get("content-type") ?? "";
  if (!TYPES.includes(type.split(";")[0].trim().toLowerCase())) {
    throw new HttpError(415, `A form is sent as ${TYPES.join(" or ")}.`);
  }
  try {
    const form = new Response(await readAtMost(MAX_BYTES, req.body), {
      headers: { "content-type": type },
    });
    return await form.formData();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "The form is cut off or broken.");
  }
}

// Content-Length may be missing, so what comes is counted.
async function readAtMost(
  most: number,
  body: ReadableStream<Uint8Array> | null,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const part of body ?? []) {
    size += part.length;
    if (size > most) {
      throw new HttpError(413, `A form has at most ${most} bytes.`);
    }
    parts.push(part as Uint8Array<ArrayBuffer>);
  }
  return new Blob(parts);
}
