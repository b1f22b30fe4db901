/**
 * `deno task chart:readme`: the table of values in the chart's README, out of values.yaml's comments.
 *
 * @module
 */

import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import { chart } from "./helm.ts";

const START = "<!-- values: written by deno task chart:readme -->";
const END = "<!-- /values -->";

/**
 * The README with its table of values made anew.
 *
 * @returns The README as it is, and as it should be.
 * @throws {Error} When a value has no comment, or the README no place for the table.
 */
export async function readme(): Promise<{ is: string; should: string }> {
  const is = await Deno.readTextFile(`${chart}/README.md`);
  const document = parseDocument(
    await Deno.readTextFile(`${chart}/values.yaml`),
  );
  const [before, rest] = is.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) {
    throw new Error(`README.md has no ${START} … ${END}`);
  }
  const lines = [...rows(document.contents as YAMLMap, "")]
    .map(([name, value, comment]) => `| \`${name}\` | ${value} | ${comment} |`);
  const table = ["| value | default | what |", "| --- | --- | --- |", ...lines]
    .join("\n");
  return { is, should: `${before}${START}\n\n${table}\n\n${END}${after}` };
}

function* rows(
  map: YAMLMap,
  path: string,
): Generator<[name: string, value: string, comment: string]> {
  for (const [index, pair] of map.items.entries()) {
    const name = `${path}${(pair.key as { value: string }).value}`;
    // The comment before a map's first key is kept by the map.
    const comment = commentOf(pair, index === 0 ? map : undefined);
    if (comment === undefined && isMap(pair.value)) {
      yield* rows(pair.value as YAMLMap, `${name}.`);
      continue;
    }
    if (comment === undefined) {
      throw new Error(`values.yaml: ${name} has no "# --" comment`);
    }
    yield [name, code(pair.value), comment];
  }
}

function commentOf(pair: Pair, map: YAMLMap | undefined): string | undefined {
  const before = (pair.key as { commentBefore?: string }).commentBefore ??
    map?.commentBefore ?? "";
  return before.match(/^ ?-- ?(.*)$/m)?.[1].replaceAll("|", "\\|");
}

function code(value: unknown): string {
  const plain = isScalar(value)
    ? value.value
    : (value as { toJSON(): unknown }).toJSON();
  return `\`${JSON.stringify(plain)}\``;
}

if (import.meta.main) {
  const { should } = await readme();
  await Deno.writeTextFile(`${chart}/README.md`, should);
}
