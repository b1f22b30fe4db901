/**
 * From file names to URL patterns, and from an address to its route.
 *
 * @module
 */
import type { Method } from "./handlers.ts";

/**
 * The URL pattern of a route file: `sites/[site_id]` is `/sites/:site_id`, `index` is the folder itself,
 * `[...path]` takes the rest, `[[optional]]` may be absent, and `(group)` is not in the address.
 *
 * @param id The file's path below `routes/`, without extension
 */
export function fileToPattern(id: string): string {
  const parts = id.split("/");
  if (parts.at(-1) === "index") parts.pop();
  let pattern = "";
  for (const part of parts) {
    if (part.startsWith("(") && part.endsWith(")")) continue;
    const rest = part.match(/^\[\.\.\.(\w+)\]$/);
    const optional = part.match(/^\[\[(\w+)\]\]$/);
    if (rest) pattern += `/:${rest[1]}*`;
    else if (optional) pattern += `{/:${optional[1]}}?`;
    else pattern += "/" + part.replace(/\[(\w+)\]/g, ":$1");
  }
  return pattern === "" ? "/" : pattern;
}

/**
 * Orders route files so that the more specific comes first: literal names before parameters before
 * `[...rest]`, segment by segment.
 */
export function bySpecificity(a: string, b: string): number {
  const as = ranks(a);
  const bs = ranks(b);
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const difference = (as[i] ?? -1) - (bs[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

function ranks(id: string): number[] {
  return id.split("/").filter((part) => !part.startsWith("("))
    .map((part) => part.startsWith("[...") ? 2 : part.includes("[") ? 1 : 0);
}

/** What an address matched. */
export interface Match<T> {
  /** The pattern, or null. */
  pattern: string | null;
  params: Record<string, string>;
  /** What was registered for the method, or null if the pattern has none for it. */
  value: T | null;
  /** The methods that the pattern has. */
  methods: string[];
}

/** Literal paths by a map, the others one after the other in the order added. */
export class Router<T> {
  #literal = new Map<string, Map<string, T>>();
  #patterns: {
    source: string;
    pattern: URLPattern;
    methods: Map<string, T>;
  }[] = [];

  /** Registers a value; the first for a method and pattern stays. */
  add(methods: readonly Method[], pattern: string, value: T) {
    const table = this.#table(pattern);
    for (const method of methods) {
      if (!table.has(method)) table.set(method, value);
    }
  }

  #table(pattern: string): Map<string, T> {
    if (!/[*:{}+?()]/.test(pattern)) {
      let table = this.#literal.get(pattern);
      if (table === undefined) this.#literal.set(pattern, table = new Map());
      return table;
    }
    let entry = this.#patterns.find((known) => known.source === pattern);
    if (entry === undefined) {
      entry = {
        source: pattern,
        pattern: new URLPattern({ pathname: pattern }),
        methods: new Map(),
      };
      this.#patterns.push(entry);
    }
    return entry.methods;
  }

  /** Finds the route; HEAD falls to GET. */
  match(method: string, url: URL): Match<T> {
    const literal = this.#literal.get(url.pathname);
    if (literal !== undefined) return result(url.pathname, literal, method, {});
    for (const { source, pattern, methods } of this.#patterns) {
      const found = pattern.exec({ pathname: url.pathname });
      if (found === null) continue;
      const params: Record<string, string> = {};
      for (const [name, value] of Object.entries(found.pathname.groups)) {
        params[name] = decode(value ?? "");
      }
      return result(source, methods, method, params);
    }
    return { pattern: null, params: {}, value: null, methods: [] };
  }
}

function result<T>(
  pattern: string,
  table: Map<string, T>,
  method: string,
  params: Record<string, string>,
): Match<T> {
  const value = table.get(method) ??
    (method === "HEAD" ? table.get("GET") : undefined) ?? null;
  return { pattern, params, value, methods: [...table.keys()] };
}

// As in Fresh: what is not well-formed stays as it came.
function decode(value: string): string {
  try {
    return decodeURI(value);
  } catch {
    return value;
  }
}
