/**
 * One reading by form, with what the API says at each field.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { KeyField } from "../components/KeyField.tsx";
import {
  curlLine,
  type Draft,
  FIELDS,
  type Outcome,
  outcomeOf,
  toBody,
} from "../data/submit.ts";
import { copyText } from "../live/copy.ts";
import { keyHeaders } from "../live/key.ts";
import { useOrigin } from "../live/origin.ts";

const LABELS: Record<keyof Draft, [string, string, string]> = {
  site_id: ["Site", "site-001", "Where the meter is"],
  device_id: ["Device", "meter-42", "Which meter of the site"],
  power_reading: ["Power, W", "1500.5", "Negative when it exports"],
  timestamp: ["Time", "2026-01-15T10:30:00Z", "ISO 8601 with an offset"],
};

/** The form. */
export default function ReadingForm(
  { draft: first, first: outcomeFirst, origin: known }: {
    draft: Draft;
    first: Outcome | null;
    /** Where the page was asked for. */
    origin: string;
  },
) {
  const draft = useSignal(first);
  const outcome = useSignal(outcomeFirst);
  /** The site that was sent; the field may have another one by now. */
  const site = useSignal(first.site_id);
  const sending = useSignal(false);
  const copied = useSignal(false);
  const origin = useOrigin(known);
  const form = useRef<HTMLFormElement>(null);

  async function send(event: Event) {
    event.preventDefault();
    sending.value = true;
    site.value = draft.value.site_id;
    try {
      outcome.value = await outcomeOf(
        await fetch("/api/ingestion/readings", {
          method: "POST",
          headers: { "content-type": "application/json", ...keyHeaders() },
          body: JSON.stringify(toBody(draft.value)),
        }),
      );
    } catch {
      outcome.value = {
        id: null,
        message: "The dashboard does not answer. Try again in a moment.",
        faults: {},
      };
    }
    sending.value = false;
    const wrong = FIELDS.find((name) => outcome.value?.faults[name]);
    if (wrong) {
      form.current?.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
    }
  }

  const now = outcome.value;
  return (
    <form
      class="form"
      method="post"
      action="/submit"
      ref={form}
      onSubmit={send}
    >
      <div class="row">
        {FIELDS.map((name) => {
          const [label, example, help] = LABELS[name];
          const fault = now?.faults[name];
          return (
            <label key={name}>
              {label}
              <input
                name={name}
                value={draft.value[name]}
                placeholder={example}
                autocomplete="off"
                spellcheck={false}
                inputMode={name === "power_reading" ? "text" : undefined}
                aria-invalid={fault ? "true" : undefined}
                aria-describedby={`${name}-note`}
                onInput={(event) =>
                  draft.value = {
                    ...draft.value,
                    [name]: event.currentTarget.value,
                  }}
              />
              <span id={`${name}-note`} class={fault ? "fault" : "help"}>
                {fault ?? help}
              </span>
            </label>
          );
        })}
      </div>
      <KeyField />
      <div class="actions">
        <button class="button primary" type="submit" disabled={sending.value}>
          {sending.value ? "Sending…" : "Send reading"}
        </button>
        <button
          class="button"
          type="button"
          onClick={() =>
            draft.value = {
              ...draft.value,
              timestamp: new Date().toISOString().slice(0, 19) + "Z",
            }}
        >
          Set time to now
        </button>
      </div>
      <div role="status">
        {now !== null && now.id !== null && (
          <p class="notice good">
            Accepted as <code>{now.id}</code>.{" "}
            <a
              href={`/sites/${encodeURIComponent(site.value.trim())}`}
            >
              See the site
            </a>
          </p>
        )}
        {now?.message && <p class="notice bad">{now.message}</p>}
      </div>
      <div>
        <span class="label">The same from a terminal</span>
        <div class="copy">
          <pre
            class="code"
            tabIndex={0}
          >{curlLine(draft.value, origin)}</pre>
          <button
            class="button small"
            type="button"
            onClick={async () => {
              copied.value = await copyText(
                curlLine(draft.value, origin),
              );
              setTimeout(() => copied.value = false, 2_000);
            }}
          >
            {copied.value ? "Copied" : "Copy"}
          </button>
        </div>
      </div>
    </form>
  );
}
