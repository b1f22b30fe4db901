/**
 * The dashboard as a Fresh application. It does not listen: `serve.ts` does.
 *
 * @module
 */
import { App, csp, csrf, staticFiles } from "fresh";
import type { State } from "./define.ts";
import { preferences } from "./preferences.ts";
import { hardenHeaders, isSameHost } from "./security.ts";

/** Everything that answers, in order. */
export const app = new App<State>()
  .use(hardenHeaders())
  .use(csp({ useNonce: true }))
  .use(csrf({ origin: isSameHost }))
  .use(staticFiles())
  .use(preferences())
  .fsRoutes();
