/**
 * A dead letter, and the question before it is deleted.
 *
 * @module
 */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { DeadLetter } from "../api_types.ts";

/** The one form of all actions, so that a key typed once goes with each of them when there is no JavaScript. */
export const ACTIONS = "dead-letter-actions";

/** What is asked of the page: an action, and the id it is about or `all`. */
export function valueOf(action: string, id: string): string {
  return `${action} ${id}`;
}

/** The form; its buttons stand where they belong. */
export function ActionsForm() {
  return (
    <form id={ACTIONS} method="post" action="/pipeline">
      {/* Enter in the key's field presses the first button: this one does nothing. */}
      <button type="submit" disabled hidden />
    </form>
  );
}

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
  const opener = useOpener(asking);
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
          <div class="actions">
            <button
              type="submit"
              class="button small"
              form={ACTIONS}
              name="action"
              value={valueOf("replay", letter.id)}
              disabled={busy}
              onClick={(event) => onAct(event, "replay")}
            >
              Replay
            </button>
            <button
              ref={opener}
              type="submit"
              class="button small danger"
              form={ACTIONS}
              name="action"
              value={valueOf("ask", letter.id)}
              aria-label={`Delete ${letter.id}`}
              onClick={(event) => {
                event.preventDefault();
                onAsk(true);
              }}
            >
              Delete…
            </button>
          </div>
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
  /** `all` for all. */
  id: string;
  busy: boolean;
  onYes: (event: Event) => void;
  onNo: () => void;
}

/** Asks before something is deleted; its button belongs to the form, so that it works without JavaScript. */
export function Question({ text, id, busy, onYes, onNo }: QuestionProps) {
  const keep = useRef<HTMLAnchorElement>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    <div class="asking" role="alertdialog" aria-label={text}>
      {text}
      <button
        type="submit"
        class="button small danger"
        form={ACTIONS}
        name="action"
        value={valueOf("delete", id)}
        disabled={busy}
        onClick={onYes}
      >
        Delete
      </button>
      <a
        class="button small"
        href="/pipeline#dead-letters"
        ref={keep}
        onClick={(event) => {
          event.preventDefault();
          onNo();
        }}
      >
        Keep
      </a>
    </div>
  );
}

/** The button that opens a question; the focus is on it again when the question goes. */
export function useOpener(asking: boolean): RefObject<HTMLButtonElement> {
  const opener = useRef<HTMLButtonElement>(null);
  const asked = useRef(asking);
  useEffect(() => {
    // Another question may have it by now.
    const free = document.activeElement === document.body;
    if (asked.current && !asking && free) opener.current?.focus();
    asked.current = asking;
  }, [asking]);
  return opener;
}
