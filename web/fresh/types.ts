/**
 * The types that routes, layouts and middleware are written against.
 *
 * @module
 */
import type { AnyComponent, RenderableProps, VNode } from "preact";
import type { Context } from "./context.ts";
import type { RouteHandler } from "./handlers.ts";

/** What a page, layout, app or error component gets. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    | "config"
    | "url"
    | "req"
    | "params"
    | "info"
    | "state"
    | "isPartial"
    | "Component"
    | "error"
    | "route"
  >
  & { data: Data };

/** Passes the request on by `ctx.next()`, or answers it. */
export type Middleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response>;

/** A component that may await its data and may answer by itself. */
export type AsyncAnyComponent<P> = (
  props: RenderableProps<P>,
  // deno-lint-ignore no-explicit-any
) => Promise<VNode<any> | Response | null>;

/** A component of a route file. */
export type RouteComponent<State> =
  // deno-lint-ignore no-explicit-any
  | AnyComponent<PageProps<any, State>>
  // deno-lint-ignore no-explicit-any
  | AsyncAnyComponent<PageProps<any, State>>;

/** `export const config` of a layout. */
export interface LayoutConfig {
  /** Render without `_app.tsx`. */
  skipAppWrapper?: boolean;
  /** Render without the layouts of the folders above. */
  skipInheritedLayouts?: boolean;
}

/** `export const config` of a route. */
export interface RouteConfig extends LayoutConfig {
  /** A URL pattern in place of the one of the file's path. */
  routeOverride?: string;
}

/** A route: what it does and what it shows. */
export interface Route<State> {
  // deno-lint-ignore no-explicit-any
  handler?: RouteHandler<any, State>;
  component?: RouteComponent<State>;
  config?: RouteConfig;
}

/** The application's settings, resolved. */
export interface ResolvedFreshConfig {
  root: string;
  basePath: string;
  mode: "development" | "production";
}
