/**
 * The routes that every service has: health, metrics and the description of its API.
 *
 * @module
 */

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { App, AppDeps } from "./app.ts";
import { docsPage } from "./docs.ts";
import type { RequestState } from "./request_state.ts";
import { VERSION } from "./version.ts";

/**
 * Adds what every service has: `/health`, `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`.
 *
 * @param deps What the app is made of.
 * @param hono Where its routes are documented.
 * @param endpoint Adds a route.
 */
export function addCommonRoutes(
  { service, about, log, metrics, lifecycle, ping, health }: AppDeps,
  hono: OpenAPIHono<{ Bindings: RequestState }>,
  endpoint: App["endpoint"],
): void {
  const scope = "open" as const;
  const plain = (description: string) => ({
    description,
    content: { "application/json": { schema: {} } },
  });

  endpoint({
    method: "get",
    path: "/health",
    scope,
    tags: ["operation"],
    summary: "Whether the service and its Redis are well",
    responses: { 200: plain("Healthy"), 503: plain("Unhealthy") },
  }, async () => {
    const common = { service, version: VERSION };
    try {
      await ping();
      const details = await health?.();
      return Response.json({
        status: "healthy",
        redis: "connected",
        ...common,
        ...details,
      });
    } catch (error) {
      log.debug("health: {error}", { error: (error as Error).message });
      return Response.json({
        status: "unhealthy",
        redis: "disconnected",
        ...common,
      }, { status: 503 });
    }
  });
  endpoint({
    method: "get",
    path: "/livez",
    scope,
    tags: ["operation"],
    summary: "Liveness: the process answers",
    responses: { 200: plain("Alive") },
  }, () => Response.json({ status: "alive" }));
  endpoint({
    method: "get",
    path: "/readyz",
    scope,
    tags: ["operation"],
    summary:
      "Readiness: requests may be sent here; 503 before the start is done and while draining",
    responses: { 200: plain("Ready"), 503: plain("Not ready") },
  }, () => {
    const status = lifecycle.draining
      ? "draining"
      : lifecycle.started
      ? "ready"
      : "starting";
    return Response.json({ status }, {
      status: status === "ready" ? 200 : 503,
    });
  });
  endpoint({
    method: "get",
    path: "/metrics",
    scope,
    tags: ["operation"],
    summary: "Prometheus metrics",
    responses: { 200: { description: "Metrics in Prometheus's text format" } },
  }, async () =>
    new Response(await metrics.registry.metrics(), {
      headers: { "content-type": metrics.registry.contentType },
    }));

  hono.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
  });
  hono.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
  });
  let document: ReturnType<typeof hono.getOpenAPI31Document> | undefined;
  const openApi = () =>
    document ??= hono.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: service, version: VERSION, description: about },
    });
  endpoint({
    method: "get",
    path: "/openapi.json",
    scope,
    tags: ["operation"],
    summary: "This API as an OpenAPI 3.1 document",
    responses: { 200: plain("The document") },
  }, () => Response.json(openApi()));
  endpoint({
    method: "get",
    path: "/docs",
    scope,
    tags: ["operation"],
    summary: "This API as a page",
    responses: { 200: { description: "The page" } },
  }, () => docsPage(openApi()));
}
