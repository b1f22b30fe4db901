/**
 * Island props as JSON: more than JSON can say, and shared objects stay shared.
 *
 * A flat array of values, each an index away: `[[1],{"a":2},"text"]` would be `[{a: "text"}]`. Entries:
 * a primitive stands for itself; an object or array holds indices; a special is `["Date", …]`, told from an
 * array because arrays are wrapped as `["A", …]`. Negative indices are the constants below.
 *
 * @module
 */

/** Indices that stand for what JSON lacks. */
export const CONSTANTS: readonly unknown[] = [
  undefined,
  NaN,
  Infinity,
  -Infinity,
  -0,
];

// deno-lint-ignore no-explicit-any
type Any = any;

function isSignal(value: Any): boolean {
  return typeof value.peek === "function" && "value" in value;
}

function isComputed(value: Any): boolean {
  // Minified names differ between builds of signals-core: `x` in the published one, `_fn` in its source.
  return typeof value.x === "function" || typeof value._fn === "function";
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * Writes a value so that `deserialize()` reads the same: Date, Map, Set, URL, RegExp, Uint8Array, bigint,
 * undefined, special numbers, signals, shared references and cycles.
 *
 * @param value The island's props
 * @throws {TypeError} On functions, symbols and instances of other classes, with the path to it
 */
export function serialize(value: unknown): string {
  const out: string[] = [];
  const seen = new Map<unknown, number>();

  function add(value: Any, path: string): number {
    const constant = CONSTANTS.findIndex((c) => Object.is(c, value));
    if (constant >= 0) return -1 - constant;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const index = out.length;
    out.push("");
    seen.set(value, index);
    out[index] = encode(value, path);
    return index;
  }

  const list = (values: Iterable<unknown>, path: string) =>
    Array.from(values, (item, i) => add(item, `${path}[${i}]`));

  function encode(value: Any, path: string): string {
    switch (typeof value) {
      case "string":
      case "number":
      case "boolean":
        return JSON.stringify(value);
      case "bigint":
        return JSON.stringify(["BigInt", String(value)]);
      case "function":
      case "symbol":
        throw new TypeError(
          `An island's props cannot hold a ${typeof value}: ${path}`,
        );
    }
    if (value === null) return "null";
    if (Array.isArray(value)) {
      return JSON.stringify(["A", ...list(value, path)]);
    }
    if (value instanceof Date) {
      return JSON.stringify(["Date", add(value.getTime(), path)]);
    }
    if (value instanceof URL) return JSON.stringify(["URL", value.href]);
    if (value instanceof RegExp) {
      return JSON.stringify(["RegExp", value.source, value.flags]);
    }
    if (value instanceof Uint8Array) {
      return JSON.stringify(["Bytes", base64(value)]);
    }
    if (value instanceof Set) {
      return JSON.stringify(["Set", ...list(value, path)]);
    }
    if (value instanceof Map) {
      return JSON.stringify(["Map", ...list([...value].flat(), path)]);
    }
    if (isSignal(value)) {
      const kind = isComputed(value) ? "Computed" : "Signal";
      return JSON.stringify([kind, add(value.peek(), `${path}.value`)]);
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(
        `An island's props cannot hold an instance of ${value.constructor?.name}: ${path}`,
      );
    }
    if ("__k" in value && "__" in value) {
      throw new TypeError(`JSX as an island's prop is not supported: ${path}`);
    }
    const entries: Record<string, number> = {};
    for (const key of Object.keys(value)) {
      // Assignment to `__proto__` would set the prototype in place of a property.
      Object.defineProperty(entries, key, {
        value: add(value[key], `${path}.${key}`),
        enumerable: true,
      });
    }
    return JSON.stringify(entries);
  }

  const root = add(value, "props");
  return `[${root},[${out.join(",")}]]`;
}
