/**
 * The figures of the pipeline, every two seconds.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { PipelineAnswer } from "../api_types.ts";
import { LinkBadge } from "../components/LinkBadge.tsx";
import { Quantity } from "../components/Quantity.tsx";
import { Trend } from "../components/Trend.tsx";
import {
  type Format,
  type Intlish,
  type Quantity as Value,
  text,
} from "../format.ts";
import { useFormat } from "../live/intl.ts";

const EVERY_MS = 2_000;

/** Tiles with the last hour, and the consumers. */
export default function Pipeline(
  { first, intl }: { first: PipelineAnswer; intl: Intlish },
) {
  const format = useFormat(intl);
  const pipeline = useSignal(first);
  const link = useSignal<"connecting" | "live" | "lost">("connecting");
  useEffect(() => {
    const ask = async () => {
      if (document.hidden) return;
      const response = await fetch("/api/processing/pipeline").catch(() =>
        null
      );
      link.value = response?.ok ? "live" : "lost";
      if (response?.ok) pipeline.value = await response.json();
    };
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { group, rates, latency, redis, stream, history } = pipeline.value;
  return (
    <>
      <div class="title">
        <h1>Pipeline</h1>
        <LinkBadge state={link.value} />
      </div>
      <div class="tiles">
        <Tile
          title="Readings in and out"
          label="Readings in and out a second, last hour"
          trend={[
            history.map((h) => h.in_per_s),
            history.map((h) => h.out_per_s),
          ]}
          left="last hour"
          right={`${format.number(stream.entries_added)} in all`}
        >
          {rate(rates.in_per_s, format)}
          <small>&nbsp;in/s&ensp;</small>
          {rate(rates.out_per_s, format)}
          <small>&nbsp;out/s</small>
        </Tile>
        <Tile
          title="Backlog"
          label="Backlog, last hour"
          trend={[history.map((h) => h.lag + h.pending)]}
          left={group.lag === null
            ? "lag not known"
            : `${format.number(group.lag)} not fetched`}
          right={`${format.number(group.pending)} in work`}
        >
          {format.number(group.backlog)}
          <small>&nbsp;readings</small>
        </Tile>
        <Tile
          title="From accepted to stored"
          label="Mean and longest time from accepted to stored, last hour"
          trend={[
            history.map((h) => h.latency_mean_ms),
            history.map((h) => h.latency_max_ms),
          ]}
          left="mean"
          right={`longest ${
            latency.max_ms === null
              ? "–"
              : text(duration(latency.max_ms, format))
          }`}
        >
          {latency.mean_ms === null
            ? "–"
            : <Quantity of={duration(latency.mean_ms, format)} />}
        </Tile>
        <Tile
          title="Redis memory"
          label="Redis memory, last hour"
          trend={[history.map((h) => h.used_memory)]}
          left={redis.maxmemory > 0
            ? `of ${text(format.bytes(redis.maxmemory))}`
            : "no limit set"}
          right={`stream ${format.number(stream.length)} entries`}
        >
          <Quantity of={format.bytes(redis.used_memory)} />
        </Tile>
      </div>
      <section class="panel">
        <header>
          <h2>Consumers</h2>
        </header>
        {group.consumers.length === 0
          ? (
            <p class="nothing">
              No consumer is reading the stream. Readings wait until one starts.
            </p>
          )
          : (
            <div
              class="scroll"
              tabIndex={0}
              role="region"
              aria-label="Consumers"
            >
              <table>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">State</th>
                    <th scope="col" class="num">Holds</th>
                    <th scope="col" class="num">Idle</th>
                  </tr>
                </thead>
                <tbody>
                  {group.consumers.map((consumer) => (
                    <tr key={consumer.name}>
                      <td>{consumer.name}</td>
                      <td>
                        <span class={`badge${consumer.alive ? "" : " off"}`}>
                          {consumer.alive ? "alive" : "gone"}
                        </span>
                      </td>
                      <td class="num">{format.number(consumer.pending)}</td>
                      <td class="num">
                        {text(duration(consumer.idle_ms, format))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
      </section>
    </>
  );
}

interface TileProps {
  title: string;
  label: string;
  trend: (number | null)[][];
  left: string;
  right: string;
  children: ComponentChildren;
}

function Tile({ title, label, trend, left, right, children }: TileProps) {
  return (
    <section class="tile">
      <h2>{title}</h2>
      <p>{children}</p>
      <Trend of={trend} label={label} />
      <div class="sub">
        <span>{left}</span>
        <span>{right}</span>
      </div>
    </section>
  );
}

function rate(value: number, format: Format): string {
  return format.number(value, value < 10 ? 1 : 0);
}

/** A time as ms or s. */
function duration(ms: number, format: Format): Value {
  return ms < 1_000
    ? { value: format.number(ms, ms < 10 ? 1 : 0), unit: "ms" }
    : { value: format.number(ms / 1_000, ms < 10_000 ? 1 : 0), unit: "s" };
}
