/**
 * The frame of a service's HTTP API: request ids, keys, problem documents, metrics, health, OpenAPI.
 *
 * An app is a value: `createApp(deps).request("/health")` answers in a test without a port.
 *
 * @module
 */

import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import { getPath } from "hono/utils/url";
import type { Auth, Scope } from "./auth.ts";
import { addCommonRoutes } from "./common_routes.ts";
import { createFailureLog } from "./failure_log.ts";
import { type Lifecycle, turnAway } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { Problem } from "./problem.ts";
import { redisProblem } from "./redis_error.ts";
import {
  createRequestState,
  requestFields,
  type RequestState,
} from "./request_state.ts";

/** The context of a handler. */
export type AppContext = Context<{ Bindings: RequestState }>;

/** What an app is made of. */
export interface AppDeps {
  /** The service's name, as in its log and its health. */
  service: string;
  /** One line on what it does, for its API page. */
  about: string;
  auth: Auth;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Resolves when Redis answers, rejects when it does not. */
  ping: () => Promise<unknown>;
  /** Further members of `/health`. */
  health?: () => Promise<Record<string, unknown>> | Record<string, unknown>;
}

/** A route: how it is documented, what it needs, what it does. */
export interface Endpoint extends Omit<RouteConfig, "security"> {
  /** The scope that a key must have; `open` is for everyone. */
  scope: Scope | "open";
}

/** Answers a request without hono; an error becomes its answer as elsewhere. */
type DirectHandler = (
  request: Request,
  state: RequestState,
) => Promise<Response>;

/** A service's API. */
export interface App {
  /** Adds a route. */
  endpoint(
    endpoint: Endpoint,
    handler: (context: AppContext) => Response | Promise<Response>,
  ): void;
  /**
   * Adds a route whose path is fixed and which is asked so often that hono's part of each answer would tell.
   * For the client it is like any other.
   */
  direct(
    endpoint: Endpoint,
    handler: DirectHandler,
  ): void;
  /** Answers a request; with a 503 once no new ones are taken. */
  handle(request: Request): Promise<Response>;
  /** Answers a request that a test makes up. */
  request(path: string, init?: RequestInit): Promise<Response>;
}

/**
 * Makes an app with what every service has: `/health`, `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`.
 *
 * @param deps What it is made of.
 * @returns The app, to which the service adds its routes.
 */
export function createApp(deps: AppDeps): App {
  const { auth, log, metrics, lifecycle } = deps;
  const hono = new OpenAPIHono<{ Bindings: RequestState }>();
  const allowed: { pattern: RegExp; method: string }[] = [];
  const direct: { method: string; path: string; answer: DirectHandler }[] = [];

  const describe = ({ scope, ...route }: Endpoint) => {
    const security: Record<string, string[]>[] = scope === "open"
      ? []
      : [{ bearer: [] }, { apiKey: [] }];
    hono.openAPIRegistry.registerPath({ ...route, security });
    const method = route.method.toUpperCase();
    allowed.push({
      pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`),
      method,
    });
    return method;
  };
  const enter = ({ path, scope }: Endpoint, state: RequestState) => {
    state.route = path;
    if (scope !== "open") state.key = auth.authorize(state.header, scope);
  };
  const endpoint: App["endpoint"] = (route, handler) => {
    const path = route.path.replace(/\{(\w+)\}/g, ":$1");
    hono.on(describe(route), path, (context) => {
      enter(route, context.env);
      const answer = handler(context);
      return context.req.raw.method === "HEAD" ? withoutBody(answer) : answer;
    });
  };

  const failed = (error: unknown, method: string, state: RequestState) => {
    if (error instanceof Problem) return error.toResponse();
    const problem = redisProblem(error);
    if (problem !== undefined) return problem.toResponse();
    log.error("{method} {route} failed: {error}", {
      method,
      route: state.route,
      request_id: state.requestId,
      error: (error as Error).stack ?? String(error),
    });
    return new Problem(
      "internal",
      `The fault is in the service's log under the request id ${state.requestId}.`,
    ).toResponse();
  };
  hono.onError((error, { req, env }) => failed(error, req.method, env));
  hono.notFound((context) => {
    const path = context.req.path;
    const methods = allowed.filter(({ pattern }) => pattern.test(path)).map((
      { method },
    ) => method);
    if (methods.length === 0) {
      return new Problem(
        "not-found",
        "No such path. The paths are listed at /docs.",
      ).toResponse();
    }
    const allow = methods.join(", ");
    return new Problem("method-not-allowed", `This path takes ${allow}.`, {}, {
      allow,
    }).toResponse();
  });

  addCommonRoutes(deps, hono, endpoint);

  // The level is set once, before there is an app; to ask for it costs more than one would think.
  const debugging = log.isEnabledFor("debug");
  const failures = createFailureLog(log);
  lifecycle.closing.addEventListener("abort", () => failures.flush(Infinity));
  const handle = async (request: Request) => {
    const start = performance.now();
    failures.flush(start);
    const state = createRequestState(request);
    const { method } = request;
    const path = getPath(request);
    const answer = lifecycle.closing.aborted
      ? turnAway
      : direct.find((route) => route.method === method && route.path === path)
        ?.answer ?? hono.fetch;
    let response: Response;
    lifecycle.underWay++;
    try {
      response = await answer(request, state);
    } catch (error) {
      response = failed(error, method, state);
    } finally {
      lifecycle.underWay--;
    }
    if (!state.idSent) response.headers.set("x-request-id", state.requestId);
    if (lifecycle.draining) response.headers.set("connection", "close");
    const milliseconds = performance.now() - start;
    metrics.observeRequest(
      method,
      state.route,
      response.status,
      milliseconds / 1000,
    );
    // A probe's 503 is an answer, not a failure.
    if (response.status >= 500 && !PROBES.has(state.route)) {
      failures.add(
        requestFields(request, state, response, milliseconds),
        start,
      );
    } else if (debugging) {
      log.debug(
        "{method} {route} answered {status}",
        requestFields(request, state, response, milliseconds),
      );
    }
    return response;
  };
  return {
    endpoint,
    direct(route, handler) {
      direct.push({
        method: describe(route),
        path: route.path,
        answer: (request, state) => {
          enter(route, state);
          return handler(request, state);
        },
      });
    },
    handle,
    request: (path, init) =>
      handle(new Request(new URL(path, "http://localhost"), init)),
  };
}

/** A body that is dropped without being cancelled would go on following live events for ever. */
async function withoutBody(
  answer: Response | Promise<Response>,
): Promise<Response> {
  const { body, status, headers } = await answer;
  await body?.cancel();
  return new Response(null, { status, headers });
}

/** Routes that are asked again and again whether all is well. */
const PROBES = new Set(["/health", "/readyz"]);
