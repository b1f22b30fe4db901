/**
 * The health of the parts, in the header.
 *
 * @module
 */
import { useEffect } from "preact/hooks";
import type { Health as Parts, PartState } from "../data/health.ts";
import { heardHealth } from "../live/health.ts";

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
  const parts = heardHealth.value ?? first;
  useEffect(() => {
    heardHealth.value = first;
    const ask = async () => {
      if (document.hidden) return;
      try {
        heardHealth.value = await (await fetch("/api/health")).json();
      } catch {
        heardHealth.value = {
          ingestion: "away",
          processing: "away",
          redis: "away",
        };
      }
    };
    const timer = setInterval(ask, 5_000);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, []);
  const well = NAMES.every(([name]) => parts[name] === "healthy");
  return (
    <details class="health">
      <summary class={well ? "good" : "bad"}>
        <span role="status">{wordFor(parts)}</span>
      </summary>
      <ul>
        {NAMES.map(([name, label]) => (
          <li
            key={name}
            class={parts[name] === "healthy" ? "good" : "bad"}
          >
            <span>{label}</span> <b>{WORDS[parts[name]]}</b>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** One word for all: what is down, or the one of which the others' state is a consequence. */
function wordFor(parts: Parts): string {
  const ill = NAMES.filter(([name]) => parts[name] !== "healthy");
  if (ill.length === 0) return "All systems healthy";
  if (ill.length === 1) return `${ill[0][1]} ${WORDS[parts[ill[0][0]]]}`;
  const answer = parts.ingestion !== "away" && parts.processing !== "away";
  return answer && parts.redis !== "healthy"
    ? "Redis not reachable"
    : `${ill.length} parts are down`;
}
