/**
 * The visitor's API key: kept in this tab, sent with what writes, never stored on the server.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import { IS_BROWSER } from "fresh/runtime";

const NAME = "api-key";

/** The key, or an empty text. */
export const apiKey: Signal<string> = signal(
  IS_BROWSER ? sessionStorage.getItem(NAME) ?? "" : "",
);

/** Remembers a key until the tab is closed. */
export function setApiKey(key: string) {
  apiKey.value = key.trim();
  if (apiKey.value === "") sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, apiKey.value);
}

/** The headers of a call that writes or administers. */
export function keyHeaders(): Record<string, string> {
  return apiKey.value === "" ? {} : { authorization: `Bearer ${apiKey.value}` };
}
