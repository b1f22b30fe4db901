/**
 * The application: middleware and routes, and the function that answers a request.
 *
 * @module
 */
import { setBuildId } from "./asset.ts";
import type { Build } from "./build.ts";
import { Context } from "./context.ts";
import { HttpError } from "./error.ts";
import { addFileRoutes } from "./file_routes.ts";
import type { Method } from "./handlers.ts";
import { Router } from "./router.ts";
import { chainOf, newSegment, runChain, segmentAt } from "./segments.ts";
import type { Middleware, ResolvedFreshConfig } from "./types.ts";

/** Gives an application the build that its `fsRoutes()` and `staticFiles()` use. */
export let setBuild: <State>(app: App<State>, build: Build) => void;

const DEFAULT_INFO = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 1234 },
  completed: Promise.resolve(),
} as Deno.ServeHandlerInfo;

const ALL: Method[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

type Command<State> =
  | { kind: "use"; path: string; middlewares: Middleware<State>[] }
  | {
    kind: "route";
    methods: Method[];
    path: string;
    middlewares: Middleware<State>[];
  }
  | { kind: "files" };

/** Passes a request through middleware to a route. */
export class App<State> {
  #commands: Command<State>[] = [];
  #build: Build | null = null;
  /** The resolved settings. */
  config: ResolvedFreshConfig = { root: ".", basePath: "", mode: "production" };

  static {
    setBuild = (app, build) => {
      app.#build = build;
      app.config.mode = build.mode;
      setBuildId(build.id);
    };
  }

  /** Adds middleware for everything, or for what is below a path. */
  use(...middlewares: Middleware<State>[]): this;
  use(path: string, ...middlewares: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...rest: Middleware<State>[]): this {
    this.#commands.push(
      typeof first === "string"
        ? { kind: "use", path: first, middlewares: rest }
        : { kind: "use", path: "*", middlewares: [first, ...rest] },
    );
    return this;
  }

  /** Adds a handler for GET. */
  get(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#route(["GET"], path, middlewares);
  }

  /** Adds a handler for POST. */
  post(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#route(["POST"], path, middlewares);
  }

  /** Adds a handler for every method. */
  all(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#route(ALL, path, middlewares);
  }

  #route(
    methods: Method[],
    path: string,
    middlewares: Middleware<State>[],
  ): this {
    this.#commands.push({ kind: "route", methods, path, middlewares });
    return this;
  }

  /** Inserts the files of `routes/` at this point. */
  fsRoutes(): this {
    this.#commands.push({ kind: "files" });
    return this;
  }

  /** The function for `Deno.serve`, and for tests. */
  handler(): (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    const build = this.#build;
    const root = newSegment<State>(null);
    const router = new Router<Middleware<State>[]>();
    for (const command of this.#commands) {
      if (command.kind === "files") {
        addFileRoutes(root, router, build?.routes ?? []);
        continue;
      }
      const folders = command.path.split("/").filter((part) =>
        part !== "" && part !== "*"
      );
      if (command.kind === "use") {
        segmentAt(root, folders).middlewares.push(...command.middlewares);
      } else {
        const chain = chainOf(segmentAt(root, folders.slice(0, -1)));
        router.add(command.methods, command.path, [
          ...chain,
          ...command.middlewares,
        ]);
      }
    }
    const rootChain = chainOf(root);

    return async (req, info = DEFAULT_INFO) => {
      const url = new URL(req.url);
      // `//host` would become a redirect to another host further on.
      url.pathname = url.pathname.replace(/\/+/g, "/");
      const match = router.match(req.method, url);
      const last = () => {
        if (match.pattern === null) throw new HttpError(404);
        if (req.method !== "OPTIONS") throw new HttpError(405);
        const allow = match.methods.join(", ");
        return Promise.resolve(
          new Response(null, { status: 204, headers: { allow } }),
        );
      };
      const ctx = new Context<State>(
        req,
        url,
        info,
        match.pattern,
        match.params,
        this.config,
        // deno-lint-ignore require-await -- what it throws must be a rejection
        async () => last(),
        build,
      );
      try {
        const response = await runChain(match.value ?? rootChain, ctx);
        if (!(response instanceof Response)) {
          throw new Error(
            `Expected a "Response" instance to be returned, but got: ${response}`,
          );
        }
        return req.method === "HEAD" ? new Response(null, response) : response;
      } catch (error) {
        return withoutPage(error);
      }
    };
  }
}

/** The answer when no `_error.tsx` took the error. */
function withoutPage(error: unknown): Response {
  const status = error instanceof HttpError ? error.status : 500;
  if (status >= 500) console.error(error);
  const text = error instanceof HttpError
    ? error.message || String(status)
    : "Internal server error";
  return new Response(text, { status });
}
