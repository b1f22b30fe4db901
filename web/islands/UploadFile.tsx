/**
 * A file of readings, dropped or picked, of any size.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { formatFor, text } from "../format.ts";
import { keyHeaders } from "../live/key.ts";
import { type Upload, upload, type UploadAnswer } from "../live/upload.ts";

/** The form of a file. */
const EXAMPLE = `site_id,device_id,power_reading,timestamp
site-001,meter-42,1500.5,2026-01-15T10:30:00Z`;

interface Progress {
  name: string;
  size: number;
  sent: number;
  perSecond: number;
}

type Result =
  | { kind: "done"; answer: UploadAnswer; seconds: number }
  | { kind: "failed"; message: string };

/** Drop zone, progress, result. */
export default function UploadFile() {
  const over = useSignal(false);
  const progress = useSignal<Progress | null>(null);
  const result = useSignal<Result | null>(null);
  const running = useRef<Upload | null>(null);
  const format = formatFor({
    locale: typeof navigator === "undefined" ? "en" : navigator.language,
    timeZone: "UTC",
  });

  async function send(file: File | undefined) {
    if (file === undefined || progress.value !== null) return;
    const started = performance.now();
    result.value = null;
    progress.value = {
      name: file.name,
      size: file.size,
      sent: 0,
      perSecond: 0,
    };
    running.current = upload(file, keyHeaders(), (sent) => {
      const seconds = (performance.now() - started) / 1000;
      progress.value = {
        name: file.name,
        size: file.size,
        sent,
        perSecond: sent / Math.max(seconds, 0.001),
      };
    });
    const { status, body } = await running.current.done;
    const seconds = (performance.now() - started) / 1000;
    progress.value = null;
    running.current = null;
    if (status === 202) {
      const answer = body as unknown as UploadAnswer;
      result.value = {
        kind: "done",
        seconds,
        answer: {
          ...answer,
          rejected: answer.rejected ?? { total: 0, lines: [] },
        },
      };
    } else {
      const detail = body.detail ?? body.title;
      result.value = {
        kind: "failed",
        message: status === 0
          ? "The upload broke off. What had been accepted by then is stored."
          : status === 401 || status === 403
          ? `${
            detail ?? "This needs an API key."
          } Enter a key of scope write at the form.`
          : String(detail ?? `The service answered ${status}.`),
      };
    }
  }

  const p = progress.value;
  const r = result.value;
  return (
    <>
      <label
        class={`drop${over.value ? " over" : ""}`}
        onDragOver={(event) => (event.preventDefault(), over.value = true)}
        onDragLeave={() => over.value = false}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          send(event.dataTransfer?.files[0]);
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 16V4m-5 5 5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />
        </svg>
        <span>Drop a CSV or NDJSON file here, or choose one</span>
        <input
          type="file"
          aria-label="File of readings"
          accept=".csv,.ndjson,.jsonl,text/csv,application/x-ndjson"
          onChange={(event) => {
            send(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
        <small>
          Any size up to 1 GiB. Lines that cannot be taken are listed; the rest
          is stored.
        </small>
      </label>
      {p !== null && (
        <div class="progress">
          <p>
            <b>{p.name}</b>
            <span>
              {`${text(format.bytes(p.sent))} of ${
                text(format.bytes(p.size))
              } · ${text(format.bytes(p.perSecond))}/s`}
            </span>
          </p>
          <progress value={p.sent} max={p.size} aria-label="Upload" />
          <p>
            <span class="muted">
              {p.sent >= p.size
                ? "Sent; waiting for the answer…"
                : `${format.number(p.sent / p.size * 100)} %`}
            </span>
            <button
              type="button"
              class="button small"
              onClick={() => running.current?.cancel()}
            >
              Cancel
            </button>
          </p>
        </div>
      )}
      <div role="status">
        {r?.kind === "failed" && <p class="notice bad">{r.message}</p>}
        {r?.kind === "done" && (
          <p class={r.answer.accepted > 0 ? "notice good" : "notice bad"}>
            {`${format.number(r.answer.accepted)} accepted, ${
              format.number(r.answer.rejected.total)
            } rejected, in ${format.number(r.seconds, 1)} s.`}
          </p>
        )}
      </div>
      {r?.kind === "done" && r.answer.rejected.lines.length > 0 && (
        <div
          class="scroll"
          tabIndex={0}
          role="region"
          aria-label="Rejected lines"
        >
          <table>
            <thead>
              <tr>
                <th scope="col" class="num">Line</th>
                <th scope="col">Why it was rejected</th>
              </tr>
            </thead>
            <tbody>
              {r.answer.rejected.lines.map(({ line, detail, pointer }, i) => (
                <tr key={i}>
                  <td class="num">{format.number(line)}</td>
                  <td>
                    {pointer && <code>{pointer.split("/").at(-1)}</code>}
                    {detail}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {r.answer.rejected.total > r.answer.rejected.lines.length && (
            <p class="nothing">
              {`The first ${r.answer.rejected.lines.length} of ${
                format.number(r.answer.rejected.total)
              } are shown.`}
            </p>
          )}
        </div>
      )}
      <h2 class="hidden">The form of a file</h2>
      <pre
        class="code"
        tabIndex={0}
      >{EXAMPLE}</pre>
    </>
  );
}
