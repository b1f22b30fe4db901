/**
 * Uploads a file and tells how far it is: XMLHttpRequest, because `fetch` does not say.
 *
 * @module
 */

/** The API's answer to a lenient upload. */
export interface UploadAnswer {
  accepted: number;
  rejected: {
    total: number;
    lines: { line: number; detail: string; pointer?: string }[];
  };
}

/** An upload under way. */
export interface Upload {
  /** The answer's status and JSON; status 0 if there was none. */
  done: Promise<{ status: number; body: Record<string, unknown> }>;
  cancel(): void;
}

/**
 * Sends a file as it is; what cannot be taken is listed, and the rest is.
 *
 * @param file CSV or NDJSON, by its name
 * @param headers The visitor's key
 * @param onProgress Bytes that have left
 */
export function upload(
  file: File,
  headers: Record<string, string>,
  onProgress: (sent: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<{ status: number; body: Record<string, unknown> }>(
    (resolve) => {
      request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onloadend = () => {
        let body = {};
        try {
          body = JSON.parse(request.responseText);
        } catch {
          // No JSON: the status says what there is to say.
        }
        resolve({ status: request.status, body });
      };
    },
  );
  request.open("POST", "/api/ingestion/readings");
  request.setRequestHeader("content-type", mediaType(file.name));
  request.setRequestHeader("prefer", "handling=lenient");
  for (const [name, value] of Object.entries(headers)) {
    request.setRequestHeader(name, value);
  }
  request.send(file);
  return { done, cancel: () => request.abort() };
}

/** By the name; the type that the browser gives depends on what is installed. */
export function mediaType(name: string): string {
  return /\.(ndjson|jsonl)$/i.test(name) ? "application/x-ndjson" : "text/csv";
}
