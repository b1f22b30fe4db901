/**
 * A number and its unit.
 *
 * @module
 */
import type { Quantity as Value } from "../format.ts";

/** The unit is smaller than the number. */
export function Quantity({ of }: { of: Value }) {
  return (
    <>
      {of.value}
      <small>{`\u00a0${of.unit}`}</small>
    </>
  );
}
