import type { IngestionDeps } from "./app.ts";
import type { Form } from "./form.ts";
export function takeUpload(
  _deps: IngestionDeps,
  _request: Request,
  _form: Form,
  _apiKey: string | undefined,
): Promise<Response> {
  throw new Error("soon");
}
