/**
 * Typed identity functions for route files.
 *
 * @module
 */
import type { AnyComponent } from "preact";
import type { HandlerByMethod, HandlerFn, RouteHandler } from "./handlers.ts";
import type { Middleware, PageProps } from "./types.ts";

/** Each function returns its argument as it is; they exist for the types alone. */
export interface Define<State> {
  /** The handlers of a route; the data type follows from what they return. */
  handlers<
    Data,
    Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>,
  >(
    handlers: Handlers,
  ): typeof handlers;
  /** The page of a route; `define.page<typeof handler>` gives `props.data` its type. */
  page<
    // deno-lint-ignore no-explicit-any
    Handler extends RouteHandler<any, State> = never,
    Data = Handler extends HandlerFn<infer Data, State> ? Data
      : Handler extends HandlerByMethod<infer Data, State> ? Data
      : never,
  >(
    render: AnyComponent<PageProps<Data, State>>,
  ): typeof render;
  /** A layout, or the `_app.tsx`. */
  layout(
    render: AnyComponent<PageProps<unknown, State>>,
  ): typeof render;
  /** One middleware or several. */
  middleware<M extends Middleware<State> | Middleware<State>[]>(
    middleware: M,
  ): typeof middleware;
}

/** Binds the define functions to the type of `ctx.state`. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (render) => render,
    layout: (render) => render,
    middleware: (middleware) => middleware,
  };
}
