/**
 * What could not be stored, with its reason; put back or deleted.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DeadLettersAnswer } from "../api_types.ts";
import {
  ACTIONS,
  ActionsForm,
  Letter,
  Question,
  useOpener,
  valueOf,
} from "../components/DeadLetter.tsx";
import { KeyField } from "../components/KeyField.tsx";
import type { Intlish } from "../format.ts";
import { keyHeaders } from "../live/key.ts";
import { useFormat } from "../live/intl.ts";

import { type Said, wordsFor } from "../data/letters.ts";

const EVERY_MS = 5_000;

/** The list; deleting asks first. Without JavaScript the buttons post to the page. */
export default function DeadLetters(
  { first, ask, said, intl }: {
    first: DeadLettersAnswer;
    ask: string | null;
    /** What came of an action without JavaScript. */
    said: Said | null;
    intl: Intlish;
  },
) {
  const format = useFormat(intl);
  const letters = useSignal(first);
  /** The id whose deletion is asked about; `all` for all. */
  const asking = useSignal<string | null>(ask);
  const busy = useSignal(false);
  const message = useSignal<Said | null>(said);
  const opener = useOpener(asking.value === "all");

  async function load() {
    const response = await fetch("/api/processing/dead-letters?limit=50").catch(
      () => null,
    );
    if (response?.ok) letters.value = await response.json();
  }
  useEffect(() => {
    const timer = setInterval(
      () => !document.hidden && !busy.value && load(),
      EVERY_MS,
    );
    return () => clearInterval(timer);
  }, []);

  async function act(
    event: Event,
    action: "replay" | "delete",
    id: string | null,
  ) {
    event.preventDefault();
    busy.value = true;
    const path = [
      "/api/processing/dead-letters",
      id && encodeURIComponent(id),
      action === "replay" && "replay",
    ]
      .filter(Boolean).join("/");
    const response = await fetch(path, {
      method: action === "replay" ? "POST" : "DELETE",
      headers: keyHeaders(),
    })
      .catch(() => null);
    const problem = response === null || !response.ok
      ? await response?.json().catch(() => null)
      : null;
    message.value = wordsFor(action, response?.status ?? 0, problem?.detail);
    asking.value = null;
    await load();
    busy.value = false;
  }

  const { count, dead_letters } = letters.value;
  return (
    <section class="panel" id="dead-letters">
      <ActionsForm />
      <header>
        <h2>Dead letters{count > 0 && ` (${format.number(count)})`}</h2>
        {count > 0 && (asking.value === "all"
          ? (
            <Question
              text={`Delete all ${format.number(count)} for good?`}
              id="all"
              busy={busy.value}
              onYes={(e) => act(e, "delete", null)}
              onNo={() => asking.value = null}
            />
          )
          : (
            <div class="actions">
              <button
                type="submit"
                class="button small"
                form={ACTIONS}
                name="action"
                value={valueOf("replay", "all")}
                disabled={busy.value}
                onClick={(e) => act(e, "replay", null)}
              >
                Replay all
              </button>
              <button
                ref={opener}
                type="submit"
                class="button small danger"
                form={ACTIONS}
                name="action"
                value={valueOf("ask", "all")}
                onClick={(event) => {
                  event.preventDefault();
                  asking.value = "all";
                }}
              >
                Delete all…
              </button>
            </div>
          ))}
      </header>
      <div role="status">
        {message.value !== null && (
          <p class={`notice ${message.value.good ? "good" : "bad"}`}>
            {message.value.text}
          </p>
        )}
      </div>
      {count === 0
        ? (
          <p class="nothing">
            None. Every reading that was accepted has been stored.
          </p>
        )
        : (
          <>
            <ul class="letters">
              {dead_letters.map((letter) => (
                <Letter
                  key={letter.id}
                  letter={letter}
                  asking={asking.value === letter.id}
                  busy={busy.value}
                  when={format.dateTime(Number(letter.id.split("-")[0]))}
                  onAct={(event, action) => act(event, action, letter.id)}
                  onAsk={(on) => asking.value = on ? letter.id : null}
                />
              ))}
            </ul>
            {count > dead_letters.length && (
              <p class="nothing">
                {`The first ${dead_letters.length} of ${
                  format.number(count)
                } are shown.`}
              </p>
            )}
            <KeyField form={ACTIONS} />
          </>
        )}
    </section>
  );
}
