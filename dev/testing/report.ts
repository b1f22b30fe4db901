/**
 * Counting what `deno test` reports.
 *
 * @module
 */

/** What became of the tests; steps count as tests. */
export interface Tally {
  /** How many passed. */
  passed: number;
  /** How many failed. */
  failed: number;
  /** The names of those that did not run. */
  ignored: string[];
}

/**
 * Counts the tests of a JUnit report.
 *
 * @param xml The report, as `deno test --junit-path` writes it. Names and messages are escaped in there, so that what
 * looks like a tag is one.
 * @returns What became of the tests.
 */
export function countTests(xml: string): Tally {
  const tally: Tally = { passed: 0, failed: 0, ignored: [] };
  const testcase =
    /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
  for (const [, name, file, body] of xml.matchAll(testcase)) {
    if (/<(?:failure|error)\b/.test(body)) tally.failed++;
    else if (/<skipped\b/.test(body)) {
      tally.ignored.push(`${unescape(file)}: ${unescape(name)}`);
    } else tally.passed++;
  }
  return tally;
}

const ENTITIES: Record<string, string> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.replace(/&(\w+);/g, (entity, name) => ENTITIES[name] ?? entity);
}
