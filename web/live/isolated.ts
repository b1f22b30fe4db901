/**
 * Values that no line reaches, since there is none beside them.
 *
 * @module
 */

/** Their places in a row of values. */
export function isolated(
  values: ArrayLike<number | null | undefined>,
): number[] {
  return Array.from(values, (_, i) => i).filter((i) =>
    typeof values[i] === "number" && typeof values[i - 1] !== "number" &&
    typeof values[i + 1] !== "number"
  );
}
