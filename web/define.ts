/**
 * What every request carries, and the typed helpers of the route files.
 *
 * @module
 */
import { createDefine } from "fresh";
import type { Intlish } from "./format.ts";

/** A visitor's choice of colours. */
export type Theme = "light" | "dark" | "system";

/** `ctx.state`. */
export interface State {
  /** How numbers and times are written for this visitor. */
  intl: Intlish;
  theme: Theme;
}

/** Fresh's define functions for this state. */
export const define = createDefine<State>();
