/**
 * The context of one request.
 *
 * @module
 */
import { type FunctionComponent, h, isValidElement, type VNode } from "preact";
import type { Build } from "./build.ts";
import { renderDocument } from "./render.ts";
import type {
  LayoutConfig,
  PageProps,
  ResolvedFreshConfig,
  RouteComponent,
} from "./types.ts";

/** What surrounds a page: set by the chain of segments, read by `ctx.render()`. */
export interface Wrappers<State> {
  app: RouteComponent<State> | null;
  layouts: RouteComponent<State>[];
}

/** The wrappers of a context. */
export let wrappersOf: <State>(ctx: Context<State>) => Wrappers<State>;
/** The build that serves a context, or null. */
export let buildOf: <State>(ctx: Context<State>) => Build | null;

// Not a header: whatever forgot to remove it would give the nonce away.
const nonces = new WeakMap<Response, string>();

/** The nonce of a rendered response. */
export function nonceOf(response: Response): string | undefined {
  return nonces.get(response);
}

/** Unique for every request, and passed through every middleware to the route. */
export class Context<State> {
  #wrappers: Wrappers<State> = { app: null, layouts: [] };
  #build: Build | null;
  /** The resolved settings of the application. */
  readonly config: ResolvedFreshConfig;
  /** The address, parsed. */
  readonly url: URL;
  /** The request as it came. */
  req: Request;
  /** The pattern that matched, or null. */
  readonly route: string | null;
  /** The parameters of the pattern. */
  readonly params: Record<string, string>;
  /** Shared by all middleware of this request. */
  readonly state: State = {} as State;
  /** What was thrown, in `_error.tsx`. */
  error: unknown | null = null;
  /** The connection. */
  readonly info: Deno.ServeHandlerInfo;
  /** Always false: there are no partials here. */
  readonly isPartial: boolean = false;
  /** Calls the next middleware, or at last the route. */
  next: () => Promise<Response>;
  /** What a layout or app puts its content at. */
  Component!: FunctionComponent;

  static {
    wrappersOf = (ctx) => ctx.#wrappers;
    buildOf = (ctx) => ctx.#build;
  }

  constructor(
    req: Request,
    url: URL,
    info: Deno.ServeHandlerInfo,
    route: string | null,
    params: Record<string, string>,
    config: ResolvedFreshConfig,
    next: () => Promise<Response>,
    build: Build | null,
  ) {
    this.req = req;
    this.url = url;
    this.info = info;
    this.route = route;
    this.params = params;
    this.config = config;
    this.next = next;
    this.#build = build;
  }

  /**
   * Redirects; `//elsewhere` is made a path, so that a parameter cannot send the visitor to another host.
   *
   * @param pathOrUrl Where to
   * @param status 302 unless given
   */
  redirect(pathOrUrl: string, status = 302): Response {
    let location = pathOrUrl;
    if (pathOrUrl !== "/" && pathOrUrl.startsWith("/")) {
      const end = pathOrUrl.search(/[?#]/);
      const path = end < 0 ? pathOrUrl : pathOrUrl.slice(0, end);
      location = path.replaceAll(/\/+/g, "/") +
        (end < 0 ? "" : pathOrUrl.slice(end));
    }
    return new Response(null, { status, headers: { location } });
  }

  /**
   * Renders JSX inside of the layouts and the app.
   *
   * @param vnode The page
   * @param init Status and headers
   * @param config Which wrappers to leave out
   */
  async render(
    // deno-lint-ignore no-explicit-any
    vnode: VNode<any> | null,
    init: ResponseInit = {},
    config: LayoutConfig = {},
  ): Promise<Response> {
    if (vnode !== null && !isValidElement(vnode)) {
      throw new Error("Non-JSX element passed to: ctx.render()");
    }
    const layouts = config.skipInheritedLayouts ? [] : this.#wrappers.layouts;
    let content = vnode;
    for (const layout of layouts.toReversed()) {
      const child = content;
      const result = await renderComponent(
        this,
        layout,
        undefined,
        () => child,
      );
      if (result instanceof Response) return result;
      content = result;
    }

    // The app is rendered last, around markup that is ready: by then it is known what belongs into the head.
    let inner = content;
    let app: VNode | null = null;
    if (!config.skipAppWrapper && this.#wrappers.app !== null) {
      const result = await renderComponent(
        this,
        this.#wrappers.app,
        undefined,
        () => inner,
      );
      if (result instanceof Response) return result;
      app = result;
    }
    const { html, nonce, links } = renderDocument(
      this.url,
      this.#build,
      content,
      app,
      (ready) => {
        inner = ready;
      },
    );

    const headers = new Headers(init.headers);
    headers.set("Content-Type", "text/html; charset=utf-8");
    if (links !== "") headers.append("Link", links);
    const response = new Response(html, {
      status: init.status ?? 200,
      statusText: init.statusText,
      headers,
    });
    nonces.set(response, nonce);
    return response;
  }

  /** Answers with text. */
  text(content: string, init?: ResponseInit): Response {
    return new Response(content, init);
  }

  /** Answers with HTML. */
  html(content: string, init?: ResponseInit): Response {
    const headers = new Headers(init?.headers);
    headers.set("Content-Type", "text/html; charset=utf-8");
    return new Response(content, { ...init, headers });
  }

  /** Answers with JSON. */
  json(content: unknown, init?: ResponseInit): Response {
    return Response.json(content, init);
  }
}

/**
 * Prepares a route's component: an async one is awaited, and may answer by itself.
 */
export async function renderComponent<State>(
  ctx: Context<State>,
  component: RouteComponent<State>,
  data: unknown,
  child: FunctionComponent,
): Promise<VNode | null | Response> {
  const props: PageProps<unknown, State> = {
    Component: child,
    config: ctx.config,
    data,
    error: ctx.error,
    info: ctx.info,
    isPartial: ctx.isPartial,
    params: ctx.params,
    req: ctx.req,
    route: ctx.route,
    state: ctx.state,
    url: ctx.url,
  };
  if (component.constructor.name === "AsyncFunction") {
    const run = component as (
      p: typeof props,
    ) => Promise<VNode | null | Response>;
    return await run(props);
  }
  // deno-lint-ignore no-explicit-any
  return h(component as any, props as any);
}
