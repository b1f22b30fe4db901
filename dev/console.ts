/**
 * What the launcher prints: the lines of its children under their names, and the table of addresses.
 *
 * What cannot be written is lost, and all else goes on: when the terminal has been closed, what runs must still be
 * stopped in its order.
 *
 * @module
 */

const COLOURS = [36, 33, 35, 32, 34];
const WIDTH = "processing".length;
const coloured = Deno.stdout.isTerminal() && !Deno.noColor;
const known: string[] = [];

/**
 * Prints on standard output, if that can be written to.
 *
 * @param text The text, without its last line end.
 */
export function print(text: string): void {
  try {
    console.log(text);
  } catch {
    // See above.
  }
}

/**
 * Prints on standard error, if that can be written to.
 *
 * @param text The text, without its last line end.
 */
export function complain(text: string): void {
  try {
    console.error(text);
  } catch {
    // See above.
  }
}

/**
 * Makes a printer for one child.
 *
 * @param name The child's name.
 * @returns Prints a line under that name, on a terminal in the child's colour.
 */
export function printerFor(name: string): (line: string) => void {
  if (!known.includes(name)) known.push(name);
  const colour = COLOURS[known.indexOf(name) % COLOURS.length];
  const label = name.padEnd(WIDTH);
  const prefix = coloured ? `\x1b[${colour}m${label} |\x1b[0m ` : `${label} | `;
  return (line) => print(prefix + line);
}

/**
 * Lays out the table of addresses and a line to try.
 *
 * @param rows Names and addresses.
 * @param ingestion The address of the ingestion API.
 * @param closed Whether it asks for a key.
 * @returns Text of a few lines.
 */
export function overview(
  rows: [string, string][],
  ingestion: string,
  closed: boolean,
): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, address]) =>
    `  ${name.padEnd(width)}  ${address}\n`
  ).join("");
  const key = closed ? " -H 'authorization: Bearer KEY'" : "";
  return `\n${table}
Try:
  curl ${ingestion}/readings${key} -H 'content-type: application/json' -d '{"site_id":"site-001","device_id":"meter-42","power_reading":1500.5,"timestamp":"${
    new Date().toISOString().replace(/\.\d+/, "")
  }"}'
`;
}
