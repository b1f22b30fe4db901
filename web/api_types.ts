/**
 * What the services answer, as far as the dashboard reads it.
 *
 * @module
 */

/** A device's newest reading. */
export interface DeviceNow {
  device_id: string;
  power_reading: number;
  timestamp: string;
}

/** A site in `GET /sites`; `means` and `today` only if asked for. */
export interface SiteAnswer {
  site_id: string;
  count: number;
  last_heard: string;
  devices: DeviceNow[];
  means?: { start: string; mean: number | null }[];
  today?: { import_kwh: number; export_kwh: number };
}

/** A stored reading. */
export interface StoredReading extends DeviceNow {
  id: string;
  site_id: string;
}

/** One step of one device in `GET /sites/{id}/series`. */
export interface SeriesPoint {
  start: string;
  mean: number | null;
  min: number | null;
  max: number | null;
  import_kwh: number;
  export_kwh: number;
}

/** `GET /sites/{id}/series`. */
export interface SeriesAnswer {
  step: string;
  from: string;
  to: string;
  devices: { device_id: string; points: SeriesPoint[] }[];
}

/** One 10 s step of the pipeline's history. */
export interface PipelineStep {
  t: string;
  in_per_s: number;
  out_per_s: number;
  lag: number;
  pending: number;
  used_memory: number;
  latency_mean_ms: number | null;
  latency_max_ms: number | null;
}

/** `GET /pipeline`. */
export interface PipelineAnswer {
  stream: { length: number; bytes?: number | null; entries_added: number };
  group: {
    lag: number | null;
    pending: number;
    backlog: number;
    consumers: {
      name: string;
      pending: number;
      idle_ms: number;
      alive: boolean;
    }[];
  };
  dead_letters: number;
  rates: { in_per_s: number; out_per_s: number };
  latency: { mean_ms: number | null; max_ms: number | null };
  redis: { used_memory: number; maxmemory: number; policy?: string };
  history: PipelineStep[];
}

/** A dead letter. */
export interface DeadLetter {
  id: string;
  source_id: string;
  reason: string;
  deliveries: number;
  fields: Record<string, string>;
}

/** `GET /dead-letters`. */
export interface DeadLettersAnswer {
  count: number;
  dead_letters: DeadLetter[];
}

/** An RFC 9457 problem. */
export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  total?: number;
  errors?: {
    pointer?: string;
    parameter?: string;
    detail: string;
    line?: number;
    column?: number;
  }[];
}
