/**
 * The chain that a request runs through: for each folder on the way its layout, error page and middleware.
 *
 * @module
 */
import { type Context, renderComponent, wrappersOf } from "./context.ts";
import { HttpError } from "./error.ts";
import type { HandlerFn, Method } from "./handlers.ts";
import type {
  LayoutConfig,
  Middleware,
  Route,
  RouteComponent,
} from "./types.ts";

/** A folder of `routes/`. */
export interface Segment<State> {
  middlewares: Middleware<State>[];
  layout: { component: RouteComponent<State>; config: LayoutConfig } | null;
  error: Route<State> | null;
  /** Only at the root. */
  notFound: Route<State> | null;
  /** Only at the root. */
  app: RouteComponent<State> | null;
  children: Map<string, Segment<State>>;
  parent: Segment<State> | null;
}

/** An empty folder. */
export function newSegment<State>(
  parent: Segment<State> | null,
): Segment<State> {
  return {
    middlewares: [],
    layout: null,
    error: null,
    notFound: null,
    app: null,
    children: new Map(),
    parent,
  };
}

/** The folder at a path below `root`, made if needed; groups such as `(admin)` are folders too. */
export function segmentAt<State>(
  root: Segment<State>,
  folders: string[],
): Segment<State> {
  let segment = root;
  for (const folder of folders) {
    let child = segment.children.get(folder);
    if (child === undefined) {
      segment.children.set(folder, child = newSegment(segment));
    }
    segment = child;
  }
  return segment;
}

/** The middleware from the root to a folder, each folder's wrapper before its own. */
export function chainOf<State>(segment: Segment<State>): Middleware<State>[] {
  const path: Segment<State>[] = [];
  for (let s: Segment<State> | null = segment; s !== null; s = s.parent) {
    path.unshift(s);
  }
  return path.flatMap((s) => [wrapper(s, path[0]), ...s.middlewares]);
}

function wrapper<State>(
  segment: Segment<State>,
  root: Segment<State>,
): Middleware<State> {
  return async (ctx) => {
    const wrappers = wrappersOf(ctx);
    const { app, layouts } = wrappers;
    if (segment.app !== null) wrappers.app = segment.app;
    if (segment.layout !== null) {
      const { component, config } = segment.layout;
      if (config.skipAppWrapper) wrappers.app = null;
      wrappers.layouts = config.skipInheritedLayouts
        ? [component]
        : [...layouts, component];
    }
    try {
      return await ctx.next();
    } catch (error) {
      ctx.error = error;
      const status = error instanceof HttpError ? error.status : 500;
      if (status === 404 && root.notFound !== null) {
        return await renderRoute(ctx, root.notFound, 404);
      }
      if (segment.error !== null) {
        return await renderRoute(ctx, segment.error, status);
      }
      throw error;
    } finally {
      wrappers.app = app;
      wrappers.layouts = layouts;
    }
  };
}

/** Runs the chain; each middleware's `ctx.next()` is the rest of it. */
export function runChain<State>(
  chain: Middleware<State>[],
  ctx: Context<State>,
): Promise<Response> {
  const last = ctx.next;
  async function run(index: number): Promise<Response> {
    if (index === chain.length) return await last();
    ctx.next = () => run(index + 1);
    return await chain[index](ctx);
  }
  return run(0);
}

/**
 * Calls the handler, and renders the page if it gave data.
 *
 * @param status The status unless the handler gives one
 */
export async function renderRoute<State>(
  ctx: Context<State>,
  route: Route<State>,
  status = 200,
): Promise<Response> {
  const headers = new Headers();
  let data: unknown = undefined;
  const handler = handlerFor(route, ctx.req.method as Method);
  if (handler !== null) {
    const result = await handler(ctx);
    if (result instanceof Response) return result;
    if (typeof result?.status === "number") status = result.status;
    new Headers(result?.headers).forEach((value, name) =>
      headers.append(name, value)
    );
    data = result?.data;
  }
  let vnode = null;
  if (route.component !== undefined) {
    const result = await renderComponent(
      ctx,
      route.component,
      data,
      () => null,
    );
    if (result instanceof Response) return result;
    vnode = result;
  }
  return await ctx.render(vnode, { headers, status }, route.config);
}

function handlerFor<State>(
  { handler }: Route<State>,
  method: Method,
): HandlerFn<unknown, State> | null {
  if (handler === undefined) return null;
  if (typeof handler === "function") return handler;
  return handler[method] ?? (method === "HEAD" ? handler.GET : undefined) ??
    null;
}

/** The methods a route answers; a page without a GET handler is shown for GET. */
export function methodsOf<State>(
  { handler, component }: Route<State>,
): Method[] {
  if (typeof handler === "function") {
    return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  }
  const methods = new Set(Object.keys(handler ?? {}) as Method[]);
  if (component !== undefined) methods.add("GET");
  return [...methods];
}
