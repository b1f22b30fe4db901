/**
 * The energy bars with the visitor's own times.
 *
 * @module
 */
import { Bars } from "../components/Bars.tsx";
import type { Bar } from "../data/series.ts";
import { type Intlish, text } from "../format.ts";
import { useFormat } from "../live/intl.ts";

/** Sums, then the bars. */
export default function EnergyBars(
  { bars, step, intl }: {
    bars: Bar[];
    step: "1h" | "1d" | "1mo";
    intl: Intlish;
  },
) {
  const format = useFormat(intl);
  const sum = (of: "imported" | "exported") =>
    bars.reduce((total, bar) => total + bar[of], 0);
  return (
    <>
      <p class="sums">
        <span>
          <span class="swatch in-c" />Imported{" "}
          <b>{text(format.energy(sum("imported")))}</b>
        </span>
        <span>
          <span class="swatch ex-c" />Exported{" "}
          <b>{text(format.energy(sum("exported")))}</b>
        </span>
      </p>
      <Bars bars={bars} step={step} format={format} />
    </>
  );
}
