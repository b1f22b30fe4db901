/**
 * A dead letter, and the question before it is deleted.
 *
 * @module
 */
import type { DeadLetter } from "../api_types.ts";

/** What a dead letter takes. */
export interface LetterProps {
  letter: DeadLetter;
  asking: boolean;
  busy: boolean;
  when: string;
  onAct: (event: Event, action: "replay" | "delete") => void;
  onAsk: (on: boolean) => void;
}

/** Reason, content, and what can be done with it. */
export function Letter(
  { letter, asking, busy, when, onAct, onAsk }: LetterProps,
) {
  return (
    <li>
      <div>
        <div class="reason">{letter.reason}</div>
        <div class="meta">
          {`${when} · entry ${letter.source_id} · ${letter.deliveries} ${
            letter.deliveries === 1 ? "delivery" : "deliveries"
          }`}
        </div>
      </div>
      {asking
        ? (
          <Question
            text="Delete for good?"
            id={letter.id}
            busy={busy}
            onYes={(event) => onAct(event, "delete")}
            onNo={() => onAsk(false)}
          />
        )
        : (
          <form class="actions" method="post" action="/pipeline">
            <input type="hidden" name="id" value={letter.id} />
            <button
              type="submit"
              class="button small"
              name="action"
              value="replay"
              disabled={busy}
              onClick={(event) => onAct(event, "replay")}
            >
              Replay
            </button>
            <button
              type="submit"
              class="button small danger"
              name="action"
              value="ask"
              aria-label={`Delete ${letter.id}`}
              onClick={(event) => {
                event.preventDefault();
                onAsk(true);
              }}
            >
              Delete…
            </button>
          </form>
        )}
      <pre
        class="code"
        tabIndex={0}
      >{JSON.stringify(letter.fields, null, 2)}</pre>
    </li>
  );
}

/** What the question takes. */
export interface QuestionProps {
  text: string;
  /** Empty for all. */
  id: string;
  busy: boolean;
  onYes: (event: Event) => void;
  onNo: () => void;
}

/** Asks before something is deleted; a form, so that it works without JavaScript. */
export function Question({ text, id, busy, onYes, onNo }: QuestionProps) {
  return (
    <form
      class="asking"
      method="post"
      action="/pipeline"
      role="alertdialog"
      aria-label={text}
    >
      <input type="hidden" name="id" value={id} />
      {text}
      <button
        type="submit"
        class="button small danger"
        name="action"
        value="delete"
        disabled={busy}
        onClick={onYes}
      >
        Delete
      </button>
      <a
        class="button small"
        href="/pipeline#dead-letters"
        ref={(link) => link?.focus()}
        onClick={(event) => {
          event.preventDefault();
          onNo();
        }}
      >
        Keep
      </a>
    </form>
  );
}
