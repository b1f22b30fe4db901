/**
 * Reads what `serialize()` wrote; this part runs in the browser.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";

// The order is that of CONSTANTS in serialize.ts, which the browser does not load.
const CONSTANTS = [undefined, NaN, Infinity, -Infinity, -0];

/**
 * @param text The output of `serialize()`
 * @returns The value, with shared references shared again
 */
export function deserialize(text: string): unknown {
  const [root, entries] = JSON.parse(text);
  const done = new Map<number, unknown>();

  function get(index: number): unknown {
    if (index < 0) return CONSTANTS[-1 - index];
    if (done.has(index)) return done.get(index);
    const entry = entries[index];
    if (entry === null || typeof entry !== "object") {
      done.set(index, entry);
      return entry;
    }
    if (!Array.isArray(entry)) {
      const object: Record<string, unknown> = {};
      done.set(index, object);
      for (const key of Object.keys(entry)) {
        Object.defineProperty(object, key, {
          value: get(entry[key]),
          configurable: true,
          enumerable: true,
          writable: true,
        });
      }
      return object;
    }
    return revive(index, entry[0], entry.slice(1));
  }

  // A container is known before its content is read, so that it may hold itself.
  // deno-lint-ignore no-explicit-any
  function revive(index: number, kind: string, args: any[]): unknown {
    const keep = <T>(value: T): T => {
      done.set(index, value);
      return value;
    };
    switch (kind) {
      case "A": {
        const array = keep<unknown[]>([]);
        for (const i of args) array.push(get(i));
        return array;
      }
      case "Set": {
        const set = keep(new Set());
        for (const i of args) set.add(get(i));
        return set;
      }
      case "Map": {
        const map = keep(new Map());
        for (let i = 0; i < args.length; i += 2) {
          map.set(get(args[i]), get(args[i + 1]));
        }
        return map;
      }
      case "Signal": {
        const live = keep(signal<unknown>(undefined));
        live.value = get(args[0]);
        return live;
      }
      case "Computed":
        return keep(computed(() => get(args[0])));
      case "Date":
        return keep(new Date(get(args[0]) as number));
      case "URL":
        return keep(new URL(args[0]));
      case "RegExp":
        return keep(new RegExp(args[0], args[1]));
      case "Bytes":
        return keep(Uint8Array.from(atob(args[0]), (c) => c.charCodeAt(0)));
      case "BigInt":
        return keep(BigInt(args[0]));
    }
    throw new TypeError(`Unknown kind of value: ${kind}`);
  }

  return get(root);
}
