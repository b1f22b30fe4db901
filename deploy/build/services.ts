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
  /** A module that is bundled before the entry, and may end the process itself. */
  before?: string;
  /** V8's heap limit in MB; the rest of the container's memory is for buffers, code and the runtime. */
  heapMb: number;
  /** The folders it may read. */
  read: string[];
}

/** Where keys and certificates may be: the chart and compose mount them there. */
const READABLE = ["/etc/energy-microservices", "/run/secrets"];

/** The services, in the order in which they are built. */
export const services: readonly Service[] = [
  {
    name: "ingestion",
    entry: "ingestion/main.ts",
    heapMb: 160,
    read: READABLE,
  },
  {
    name: "processing",
    entry: "processing/main.ts",
    heapMb: 160,
    read: READABLE,
  },
  {
    name: "web",
    prepare: "web/build.ts",
    entry: "web/_fresh/server.ts",
    before: "deploy/build/smoke.ts",
    heapMb: 128,
    read: READABLE,
  },
];
