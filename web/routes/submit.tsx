/**
 * Sends readings: one by form, many by file.
 *
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import {
  type Draft,
  FIELDS,
  type Outcome,
  outcomeOf,
  toBody,
} from "../data/submit.ts";
import { define } from "../define.ts";
import ReadingForm from "../islands/ReadingForm.tsx";
import UploadFile from "../islands/UploadFile.tsx";
import { services } from "../services.ts";
import { smallForm } from "../small_form.ts";

/** The form works without JavaScript, too: it is then posted here. */
export const handlers = define.handlers({
  GET: (ctx) =>
    page({
      draft: draftFrom(ctx.url.searchParams),
      outcome: null as Outcome | null,
    }),
  POST: async (ctx) => {
    const form = await smallForm(ctx.req);
    const text = (name: string) => String(form.get(name) ?? "").slice(0, 1_000);
    const draft = draftFrom(
      new URLSearchParams(FIELDS.map((name) => [name, text(name)])),
    );
    const key = text("key").trim();
    let outcome: Outcome;
    try {
      outcome = await outcomeOf(
        await fetch(`${services.ingestion}/readings`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
          },
          body: JSON.stringify(toBody(draft)),
          signal: AbortSignal.timeout(5_000),
        }),
      );
    } catch {
      outcome = {
        id: null,
        message:
          "The ingestion service does not answer. Try again in a moment.",
        faults: {},
      };
    }
    return page({ draft, outcome }, {
      status: outcome.id === null ? 422 : 200,
    });
  },
});

function draftFrom(params: URLSearchParams): Draft {
  const text = (name: keyof Draft) => params.get(name)?.slice(0, 1_000) ?? "";
  return {
    site_id: text("site_id"),
    device_id: text("device_id"),
    power_reading: text("power_reading"),
    timestamp: text("timestamp") || new Date().toISOString().slice(0, 19) + "Z",
  };
}

/** The page. */
export default define.page<typeof handlers>((
  { data: { draft, outcome }, url },
) => (
  <>
    <Head>
      <title>Submit readings · Energy Microservices</title>
    </Head>
    <h1>Submit readings</h1>
    <div class="columns">
      <section class="panel">
        <header>
          <h2>One reading</h2>
        </header>
        <ReadingForm draft={draft} first={outcome} origin={url.origin} />
      </section>
      <section class="panel">
        <header>
          <h2>A file</h2>
        </header>
        <UploadFile />
      </section>
    </div>
  </>
));
