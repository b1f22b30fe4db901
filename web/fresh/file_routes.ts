/**
 * The files of `routes/` as routes: `_app`, `_layout`, `_middleware`, `_error`, `_404`, and pages.
 *
 * @module
 */
import type { RouteFile } from "./build.ts";
import { bySpecificity, fileToPattern, type Router } from "./router.ts";
import {
  chainOf,
  methodsOf,
  renderRoute,
  type Segment,
  segmentAt,
} from "./segments.ts";
import type { Middleware, Route } from "./types.ts";

/**
 * @param root Where folders hang
 * @param router Where pages are registered
 * @param files The modules, in any order
 * @throws {Error} If a file has none of the exports that its kind needs
 */
export function addFileRoutes<State>(
  root: Segment<State>,
  router: Router<Middleware<State>[]>,
  files: RouteFile[],
) {
  const special = (file: RouteFile) =>
    file.id.split("/").at(-1)!.startsWith("_");
  // All folders are furnished before the first page asks for its chain.
  for (const file of files.filter(special)) addSpecial(root, file);
  const pages = files.filter((file) => !special(file))
    .sort((a, b) => bySpecificity(a.id, b.id));
  for (const file of pages) {
    const route = toRoute<State>(file);
    const chain = chainOf(segmentAt(root, foldersOf(file.id)));
    const pattern = route.config?.routeOverride ?? fileToPattern(file.id);
    router.add(methodsOf(route), pattern, [
      ...chain,
      (ctx) => renderRoute(ctx, route),
    ]);
  }
}

function foldersOf(id: string): string[] {
  return id.split("/").slice(0, -1);
}

function toRoute<State>({ id, mod }: RouteFile): Route<State> {
  const handler = mod.handlers ?? mod.handler;
  if (handler === undefined && mod.default === undefined) {
    throw new Error(
      `Expected a route, middleware, layout or error template, but couldn't find relevant exports in: ${id}`,
    );
  }
  return { handler, component: mod.default, config: mod.config };
}

function addSpecial<State>(root: Segment<State>, file: RouteFile) {
  const segment = segmentAt(root, foldersOf(file.id));
  const route = toRoute<State>(file);
  const { mod } = file;
  switch (file.id.split("/").at(-1)) {
    case "_app":
      root.app = mod.default;
      return;
    case "_layout":
      segment.layout = { component: mod.default, config: mod.config ?? {} };
      return;
    case "_error":
      segment.error = route;
      return;
    case "_404":
      root.notFound = route;
      return;
    case "_middleware": {
      const middlewares = mod.handlers ?? mod.handler ?? mod.default;
      segment.middlewares.push(
        ...(Array.isArray(middlewares) ? middlewares : [middlewares]),
      );
      return;
    }
  }
  throw new Error(`Not a file that has a meaning in routes/: ${file.id}`);
}
