/**
 * A site on the overview.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { SILENT_MS } from "../data/cards.ts";
import { type Format, text } from "../format.ts";
import { now } from "../live/clock.ts";
import type { LiveCard } from "../live/sites.ts";
import { Quantity } from "./Quantity.tsx";
import { Sparkline } from "./Sparkline.tsx";

/** Name, power now, the last 24 hours, when it was last heard, energy today. */
export function SiteCard({ card, format }: { card: LiveCard; format: Format }) {
  const power = useComputed(() => format.power(card.live.value.watts));
  return (
    <li>
      <a href={`/sites/${encodeURIComponent(card.id)}`} class="card">
        <h2>{breakable(card.id)}</h2>
        <b class={card.live.value.watts < 0 ? "out" : undefined}>
          <Quantity of={power.value} />
        </b>
        {card.trend === ""
          ? <i class="spark">No history yet</i>
          : <Sparkline trend={card.trend} low={card.low} high={card.high} />}
        <Heard at={card.live.value.heard} format={format} />
        {card.imported !== null && (
          <em>
            <span>{`↓ ${text(format.energy(card.imported))}`}</span>
            {(card.exported ?? 0) > 0 && (
              <span class="out">
                {`↑ ${text(format.energy(card.exported!))}`}
              </span>
            )}
          </em>
        )}
      </a>
    </li>
  );
}

/** A long name with the places where a line may end; a hyphen is one by itself. */
function breakable(name: string): ComponentChildren {
  if (name.length <= 20) return name;
  return name.split(/([.:_])/).map((part, i) =>
    i % 2 === 0 ? part : (
      <>
        {part}
        <wbr />
      </>
    )
  );
}

function Heard({ at, format }: { at: number; format: Format }) {
  const label = useComputed(() => format.ago(at, Math.max(at, now.value)));
  return (
    <time class={now.value - at > SILENT_MS ? "silent" : undefined}>
      {format.ago(at, Math.max(at, now.value)) || label.value}
    </time>
  );
}
