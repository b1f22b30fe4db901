/**
 * The panels of a site's page that the server fills for a range, kept in step with the address.
 *
 * @module
 */

const PANELS = ["energy", "readings"];

let running: AbortController | undefined;

/**
 * Puts what the server has at the address in the place of what is shown.
 *
 * @returns False if it cannot be had
 */
export async function renewPanels(): Promise<boolean> {
  running?.abort();
  const { signal } = running = new AbortController();
  const response = await fetch(location.href, { signal }).catch(() => null);
  const html = response?.ok ? await response.text().catch(() => null) : null;
  // The address is another one by now, and was asked for.
  if (signal.aborted) return true;
  if (html === null) return false;
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const id of PANELS) {
    const next = page.getElementById(id);
    const shown = document.getElementById(id);
    if (next === null || shown === null) continue;
    // A table that was opened stays open.
    const tables = next.querySelectorAll("details");
    for (const [i, { open }] of shown.querySelectorAll("details").entries()) {
      if (tables[i] !== undefined) tables[i].open = open;
    }
    shown.replaceWith(next);
  }
  return true;
}
