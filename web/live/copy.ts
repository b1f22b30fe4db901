/**
 * Puts text on the clipboard, on plain HTTP, too.
 *
 * @module
 */

/** @returns Whether it worked */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Only where the origin is secure: not at http://192.168.… .
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Not allowed: the old way may still be.
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
