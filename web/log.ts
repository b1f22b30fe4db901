/**
 * The dashboard's log, which `start()` sets up; before that, and in tests, it is silent.
 *
 * @module
 */
import { getLogger } from "../core/log.ts";
import { ServiceError } from "./services.ts";

/** The name of the service in each line. */
export const SERVICE = "web";

/** The log. */
export const log = getLogger([SERVICE]);

/**
 * Says that a page is shown without what should be on it.
 *
 * @param url The page's address
 * @param error Why
 */
export function logEmptyPage(url: URL, error: unknown): void {
  log.warning("{path} has nothing to show: {why}", {
    path: url.pathname,
    why: error instanceof ServiceError ? error.message : String(error),
  });
}
