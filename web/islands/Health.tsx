/**
 * The health of the parts, in the header.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Health as Parts, PartState } from "../data/health.ts";

const NAMES: [keyof Parts, string][] = [
  ["ingestion", "Ingestion"],
  ["processing", "Processing"],
  ["redis", "Redis"],
];

const WORDS: Record<PartState, string> = {
  healthy: "healthy",
  unhealthy: "unhealthy",
  away: "not reachable",
};

/** One word for all, and each part on opening. */
export default function Health({ first }: { first: Parts }) {
  const parts = useSignal(first);
  useEffect(() => {
    const ask = async () => {
      if (document.hidden) return;
      try {
        parts.value = await (await fetch("/api/health")).json();
      } catch {
        parts.value = { ingestion: "away", processing: "away", redis: "away" };
      }
    };
    const timer = setInterval(ask, 5_000);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, []);
  const ill = NAMES.filter(([name]) => parts.value[name] !== "healthy");
  const word = ill.length === 0
    ? "All systems healthy"
    : ill.length === 1
    ? `${ill[0][1]} ${WORDS[parts.value[ill[0][0]]]}`
    : `${ill.length} parts are down`;
  return (
    <details class="health">
      <summary class={ill.length === 0 ? "good" : "bad"}>
        <span role="status">{word}</span>
      </summary>
      <ul>
        {NAMES.map(([name, label]) => (
          <li
            key={name}
            class={parts.value[name] === "healthy" ? "good" : "bad"}
          >
            <span>{label}</span> <b>{WORDS[parts.value[name]]}</b>
          </li>
        ))}
      </ul>
    </details>
  );
}
