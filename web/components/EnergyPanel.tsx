/**
 * A site's energy by hour, day or month.
 *
 * @module
 */
import { withParams } from "../data/address.ts";
import type { Bar } from "../data/series.ts";
import type { Intlish } from "../format.ts";
import EnergyBars from "../islands/EnergyBars.tsx";

/** The steps of the bars. */
export const BAR_STEPS = ["1h", "1d", "1mo"] as const;

/** One of them. */
export type BarStep = (typeof BAR_STEPS)[number];

const WORDS: Record<BarStep, string> = {
  "1h": "Hour",
  "1d": "Day",
  "1mo": "Month",
};

/** @param bars null where the service keeps no history */
export function EnergyPanel({ bars, step, url, intl }: {
  bars: Bar[] | null;
  step: BarStep;
  url: URL;
  intl: Intlish;
}) {
  return (
    <section class="panel" id="energy">
      <header>
        <h2>Energy</h2>
        <nav class="segments" aria-label="Energy by">
          {BAR_STEPS.map((name) => (
            <a
              key={name}
              href={withParams(url, { bars: name }) + "#energy"}
              aria-current={name === step ? "true" : undefined}
            >
              {WORDS[name]}
            </a>
          ))}
        </nav>
      </header>
      {bars === null
        ? (
          <p class="nothing">
            The processing service keeps no energy history yet.
          </p>
        )
        : bars.length === 0
        ? <p class="nothing">No energy in this range.</p>
        : <EnergyBars bars={bars} step={step} intl={intl} />}
    </section>
  );
}
