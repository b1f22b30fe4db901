/**
 * The visitor's own API key, for what writes or administers.
 *
 * @module
 */
import { apiKey, setApiKey } from "../live/key.ts";

/**
 * Open only when there is a key or one is wanted.
 *
 * @param form The id of the form that it belongs to, when it does not stand in it
 */
export function KeyField({ form }: { form?: string }) {
  return (
    <details class="table" open={apiKey.value !== ""}>
      <summary>API key</summary>
      <label class="label">
        <input
          type="password"
          name="key"
          form={form}
          aria-label="API key"
          autocomplete="off"
          value={apiKey.value}
          onInput={(event) => setApiKey(event.currentTarget.value)}
        />
        <span class="help muted">
          Needed if the services have keys. It stays in this tab and is never
          stored.
        </span>
      </label>
    </details>
  );
}
