/**
 * The devices of a chart, with their values under the cursor; each can be hidden.
 *
 * @module
 */
import type { Series } from "../data/series.ts";
import { type Format, text } from "../format.ts";

/** @param at The point of time under the cursor, or null */
export function Legend({ devices, at, hidden, format, onToggle }: {
  devices: Series["devices"];
  at: number | null;
  hidden: ReadonlySet<string>;
  format: Format;
  onToggle: (id: string) => void;
}) {
  return (
    <ul class="legend">
      {devices.map(({ id, means }, i) => {
        const value = means[at ?? -1];
        return (
          <li key={id}>
            <button
              type="button"
              aria-pressed={!hidden.has(id)}
              onClick={() => onToggle(id)}
            >
              <span class={`swatch k${i % 8}`} />
              {id}
              {at !== null && (
                <output>
                  {typeof value === "number" ? text(format.power(value)) : "–"}
                </output>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
