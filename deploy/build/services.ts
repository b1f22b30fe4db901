/**
 * What is built: one executable a service, with what it may do.
 *
 * @module
 */

/** A service and what its executable is allowed. */
export interface Service {
  /** The file in `dist/`. */
  name: string;
  /** The module that starts it. */
  entry: string;
  /** A module that is run before, for what the entry imports but the repository does not hold. */
  prepare?: string;
  /** V8's heap limit in MB; the rest of the container's memory is for buffers, code and the runtime. */
  heapMb: number;
  /** The folders it may read. */
  read: string[];
}

/**
 * Where keys and certificates may be: the chart and compose mount them there. `/proc` is the process's own memory
 * and file handles, for its metrics.
 */
const READABLE = ["/etc/energy-microservices", "/run/secrets", "/proc"];

/** The services, in the order in which they are built. */
export const services: readonly Service[] = [
  { name: "ingestion", entry: "ingestion/main.ts", heapMb: 160, read: READABLE },
  { name: "processing", entry: "processing/main.ts", heapMb: 160, read: READABLE },
  { name: "web", entry: "web/serve.ts", heapMb: 128, read: READABLE },
];
