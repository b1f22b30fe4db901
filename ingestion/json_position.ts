/**
 * Where in a JSON text something is: what `JSON.parse` does not say, and an error message should.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Finds the first place where a text stops being JSON.
 *
 * @param text A text that `JSON.parse` did not take.
 * @returns The offset at which the token starts that cannot stand there; the text's length when it ends too early.
 */
export function faultOffset(text: string): number {
  // A stack rather than recursion: a body may be nested as deeply as it is long.
  const open: string[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return false;
    at = pattern.lastIndex;
    return true;
  };
  // Not by a pattern: most tokens have no space before them, and to find that out would take most of the time.
  const skipSpace = () => {
    while (isSpace(text.charCodeAt(at))) at++;
  };
  const takeKey = () => {
    const start = at;
    if (!take(STRING)) return false;
    skipSpace();
    if (text[at] === ":") return at++, true;
    if (at < text.length) return false;
    return at = Math.max(start, text.length), false;
  };
  while (true) {
    skipSpace();
    const next = text[at];
    if (next === "{" || next === "[") {
      at++;
      skipSpace();
      const close = next === "{" ? "}" : "]";
      if (text[at] !== close) {
        open.push(close);
        if (close === "}" && !takeKey()) return at;
        continue;
      }
      at++;
    } else if (!(next === '"' ? take(STRING) : take(SCALAR))) {
      return at;
    }
    while (true) {
      skipSpace();
      const close = open.at(-1);
      if (close !== undefined && text[at] === ",") {
        at++;
        skipSpace();
        if (close === "}" && !takeKey()) return at;
        break;
      }
      if (close === undefined || text[at] !== close) return at;
      at++;
      open.pop();
    }
  }
}

/**
 * Finds the values of the members of the object that a text is.
 *
 * @param text The JSON text of an object.
 * @returns The offset at which the value of each name starts; of two of the same name the last, which is the one that
 * counts.
 */
export function memberOffsets(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
  let depth = 0, key = false;
  for (const match of text.matchAll(token)) {
    const [word] = match;
    if (word === "{" || word === "[") {
      depth++;
      key = depth === 1;
    } else if (word === "}" || word === "]") depth--;
    else if (word === "," && depth === 1) key = true;
    else if (key && depth === 1) {
      key = false;
      if (word.startsWith('"')) {
        // The colon comes between the name and its value.
        const colon = /\s*:\s*/y;
        colon.lastIndex = match.index + word.length;
        if (colon.test(text)) found.set(JSON.parse(word), colon.lastIndex);
      }
    }
  }
  return found;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
