/**
 * The error that names a parameter and the rule it breaks.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";

/** What is wrong with a parameter. */
export interface ParameterFault {
  parameter: string;
  /** The rule, as a sentence without its subject. */
  detail: string;
}

/**
 * Makes the error for parameters that break rules.
 *
 * @param errors What is wrong, at least one.
 * @returns A 422 that names them.
 */
export function parameterProblem(errors: ParameterFault[]): Problem {
  const [{ parameter, detail }] = errors;
  return new Problem("invalid", `The parameter ${parameter} ${detail}.`, {
    errors,
  });
}
