/**
 * What came of replaying or deleting dead letters, in words.
 *
 * @module
 */

/** A message, and whether it is a good one. */
export interface Said {
  good: boolean;
  text: string;
}

/** What can be done with dead letters. */
export type LetterAction = "replay" | "delete";

/**
 * @param action What was asked for
 * @param status The service's answer; 0 if there was none
 * @param detail What it said of an error
 */
export function wordsFor(
  action: LetterAction,
  status: number,
  detail?: string,
): Said {
  if (status >= 200 && status < 300) {
    return {
      good: true,
      text: action === "replay" ? "Put back into the stream." : "Deleted.",
    };
  }
  return {
    good: false,
    text: status === 401 || status === 403
      ? `${
        detail ?? "This needs an API key."
      } Enter a key of scope admin below.`
      : detail ?? "The service does not answer. Try again in a moment.",
  };
}
