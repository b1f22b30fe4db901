/**
 * `deno task bench`: how fast the services are, each figure beside that of its floor, which is the least that the
 * same work could cost, measured in the same run.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { findRedis } from "../dev/redis/find.ts";
import { measureDrain } from "./drain.ts";
import { measureHistory } from "./history.ts";
import { measurePosts } from "./posts.ts";
import { describeMachine, type Measured, toMarkdown } from "./report.ts";
import { measureStart } from "./start.ts";
import { missingTools } from "./tools.ts";

const HELP = `Usage: deno task bench [--quick] [--pin] [--json FILE]

Measures the services as processes, with a Redis of their own, in three interleaved rounds, and writes a Markdown
table of medians (and the least and the most).

  --quick      shorter rounds
  --pin        while POST is measured, the service or its floor has half of the cores to itself and Redis and wrk have
               the other half; needs taskset. Where cores are few, they otherwise stand in each other's way by chance
  --json FILE  writes every round's figures to FILE as well`;

/** How much is measured. */
export interface Plan {
  /** Rounds of each case. */
  rounds: number;
  /** Whether each has cores of its own while POST is measured. */
  pin: boolean;
  /** Seconds that a round of requests takes. */
  seconds: number;
  /** Readings on the stream that is drained. */
  drained: number;
  /** Readings that the simple loop drains; it is slow. */
  looped: number;
  /** Readings of the month that a series is made of. */
  month: number;
}

const FULL: Omit<Plan, "pin"> = {
  rounds: 3,
  seconds: 5,
  drained: 300_000,
  looped: 20_000,
  month: 2_592_000,
};
const QUICK: Omit<Plan, "pin"> = {
  rounds: 3,
  seconds: 2,
  drained: 100_000,
  looped: 5000,
  month: 259_200,
};

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      help: { type: "boolean" },
      quick: { type: "boolean" },
      pin: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const missing = await missingTools(values.pin);
  missing.forEach((line) => console.error(line));
  if (missing.length > 0) return 1;

  const source = await findRedis({ own: true, progress: console.error });
  if (source.kind !== "binary") {
    console.error("A redis-server on this machine is needed, not a container.");
    return 1;
  }
  const plan: Plan = {
    ...(values.quick ? QUICK : FULL),
    pin: values.pin,
  };
  const measured: Measured[] = [];
  for (
    const measure of [
      measurePosts,
      measureDrain,
      measureHistory,
      measureStart,
    ]
  ) {
    measured.push(...await measure(source, plan));
  }

  const machine = await describeMachine(source.path);
  console.log(toMarkdown(machine, measured));
  if (values.json !== undefined) {
    const document = { machine, plan, measured };
    await Deno.writeTextFile(
      values.json,
      JSON.stringify(document, null, 2) + "\n",
    );
  }
  return 0;
}
