/**
 * What was measured, as a table.
 *
 * @module
 */

import { VERSION } from "../core/version.ts";

/** What a figure should be. */
export interface Goal {
  /** Whether it is about the figure itself or about its ratio to the floor. */
  of: "value" | "ratio";
  atLeast?: number;
  below?: number;
}

/** One case, by its rounds. */
export interface Measured {
  name: string;
  unit: string;
  values: number[];
  /** What it is compared with, measured in the same rounds. */
  floor?: { name: string; values: number[] };
  goals: Goal[];
}

/** Makes a place for the figures of a case's rounds. */
export function gather(): number[] {
  return [];
}

/** The median of some numbers, of which there is at least one. */
export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The ratio to the floor, round by round: what slows a whole round down does not change it.
 *
 * @param measured The case.
 * @returns A number a round; none when the case has no floor.
 */
export function ratios({ values, floor }: Measured): number[] {
  return floor === undefined
    ? []
    : values.map((value, round) => value / floor.values[round]);
}

/**
 * Writes the table.
 *
 * @param machine What it was measured on.
 * @param measured The cases.
 * @returns Markdown.
 */
export function toMarkdown(machine: string, measured: Measured[]): string {
  const rows = measured.map((one) => {
    const ratio = ratios(one);
    return [
      one.name,
      `${figure(one.values)} ${one.unit}`,
      one.floor ? `${one.floor.name}: ${figure(one.floor.values)}` : "",
      ratio.length > 0 ? figure(ratio) : "",
      one.goals.map((goal) => goalText(goal, one)).join("; "),
    ];
  });
  const lines = [
    ["case", "median (least–most)", "floor", "ratio", "goal"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n\n${machine}`;
}

/**
 * Describes what was measured on.
 *
 * @param redisPath The Redis server.
 * @returns One line.
 */
export async function describeMachine(redisPath: string): Promise<string> {
  const { stdout } = await new Deno.Command(redisPath, { args: ["--version"] })
    .output();
  const redis = /v=(\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
  return `Version ${VERSION}, Deno ${Deno.version.deno}, Redis ${redis}, ${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} cores, all on one machine.`;
}

function goalText({ of, atLeast, below }: Goal, one: Measured): string {
  const value = median(of === "ratio" ? ratios(one) : one.values);
  const met = atLeast === undefined ? value < below! : value >= atLeast;
  const unit = of === "ratio" ? "×" : ` ${one.unit}`;
  const bound = atLeast === undefined
    ? `< ${number(below!)}`
    : `≥ ${number(atLeast)}`;
  return `${bound}${unit} ${met ? "met" : "**missed**"}`;
}

function figure(values: number[]): string {
  const least = number(Math.min(...values)), most = number(Math.max(...values));
  return `${number(median(values))} (${least}–${most})`;
}

function number(value: number): string {
  return value.toLocaleString("en", {
    maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0,
  });
}
