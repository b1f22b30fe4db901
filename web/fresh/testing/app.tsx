/**
 * An application of some routes, for the tests of the contract with Fresh.
 *
 * @module
 */
import { App, createDefine, csp, staticFiles } from "fresh";
import { setBuild } from "../app.ts";
import type { Build } from "../build.ts";

/** What a request carries. */
export interface State {
  trail: string[];
}

/** Fresh's define functions. */
export const define = createDefine<State>();

/** A build of routes, by their file in `routes/`. */
export function build(
  routes: Record<string, unknown>,
  more: Partial<Build> = {},
): Build {
  return {
    id: "b1",
    mode: "production",
    clientEntry: "/_fresh/js/client-X.js",
    islands: [],
    files: new Map(),
    routes: Object.entries(routes).map(([id, mod]) => ({ id, mod })),
    ...more,
  };
}

/** Asks an application of these routes. */
export function serve(
  routes: Record<string, unknown>,
  more: Partial<Build> = {},
) {
  const app = new App<State>().use(csp({ useNonce: true })).use(staticFiles())
    .fsRoutes();
  setBuild(app, build(routes, more));
  const handler = app.handler();
  return (path: string, init?: RequestInit) =>
    handler(new Request(`http://localhost${path}`, init));
}

/** The body of an answer. */
export const text = async (response: Response | Promise<Response>) =>
  await (await response).text();
/** A page of a word. */
export const show = (word: string) => ({
  default: define.page(() => <p>{word}</p>),
});
