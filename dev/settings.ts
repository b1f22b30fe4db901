/**
 * `deno task settings`: writes the table of settings into the README, out of the schemas that the services check them
 * by.
 *
 * @module
 */

import { commonSettings, settingRows } from "../core/config.ts";
import { ingestionSettings } from "../ingestion/config.ts";
import { processingSettings } from "../processing/config.ts";
import { ROOT } from "./paths.ts";

const README = `${ROOT}/README.md`;
const BEGIN = "<!-- settings: written by `deno task settings` -->";
const END = "<!-- end of settings -->";

/**
 * Puts the table between its marks.
 *
 * @param text A text with both marks.
 * @returns The text with the table of now.
 * @throws {Error} When a mark is missing.
 */
export function withSettings(text: string): string {
  const begin = text.indexOf(BEGIN), end = text.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`Expected ${BEGIN} and ${END} in the text`);
  }
  return `${text.slice(0, begin + BEGIN.length)}\n\n${settingsTable()}\n\n${
    text.slice(end)
  }`;
}

function settingsTable(): string {
  const rows = [
    ...settingRows(ingestionSettings).map((row) => ({
      ...row,
      of: "ingestion",
    })),
    ...settingRows(processingSettings).map((row) => ({
      ...row,
      of: "processing",
    })),
  ];
  const common = new Set(Object.keys(commonSettings));
  const own = rows.filter(({ name }) => !common.has(name));
  const shared = rows.filter(({ name, of }) =>
    common.has(name) && of === "ingestion"
  ).map((row) => ({ ...row, of: "both" }));
  const lines = [...own, ...shared].map((
    { name, of, default: value, description },
  ) =>
    `| \`${name}\` | ${of} | ${value === "" ? "" : `\`${value}\``} | ${
      description.replaceAll("|", "\\|")
    } |`
  );
  return [
    "| variable | service | default | what |",
    "| --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

if (import.meta.main) {
  await Deno.writeTextFile(
    README,
    withSettings(await Deno.readTextFile(README)),
  );
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", README] })
    .spawn().status;
}
