/**
 * The routes of dead letters: look at them, put them back, delete them, one or all.
 *
 * @module
 */

import type { App, Endpoint } from "../core/app.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import {
  deleteAllDeadLetters,
  deleteDeadLetter,
  listDeadLetters,
  replayAllDeadLetters,
  replayDeadLetter,
} from "./dead_letters.ts";
import {
  checkParameters,
  deadLetterParams,
  deadLettersQuery,
} from "./parameters.ts";
import { deadLettersAnswer, problemDocument } from "./schemas.ts";

/**
 * Adds the routes.
 *
 * @param app The app.
 * @param redis The connection.
 */
export function addDeadLetterRoutes(app: App, redis: Redis): void {
  app.endpoint({
    ...route(
      "get",
      "/dead-letters",
      "read",
      "The dead letters, the oldest first",
    ),
    request: { query: deadLettersQuery },
    responses: {
      200: {
        description: "A page",
        content: { "application/json": { schema: deadLettersAnswer } },
      },
      422: PROBLEM,
    },
  }, async (context) => {
    const { limit = 100, cursor } = checkParameters(
      deadLettersQuery,
      context.req.query(),
    );
    const { count, page } = await listDeadLetters(redis, limit, cursor);
    const headers: Record<string, string> = {};
    if (page.length === limit) {
      headers.link = `</dead-letters?limit=${limit}&cursor=${
        page.at(-1)!.id
      }>; rel="next"`;
    }
    return Response.json({ count, dead_letters: page }, { headers });
  });
  app.endpoint(
    {
      ...route(
        "post",
        "/dead-letters/replay",
        "admin",
        "Put all dead letters back on the stream",
      ),
      responses: { 200: { description: "How many" } },
    },
    async () =>
      Response.json({
        status: "replayed",
        ...await replayAllDeadLetters(redis),
      }),
  );
  app.endpoint(
    {
      ...route("delete", "/dead-letters", "admin", "Delete all dead letters"),
      responses: { 200: { description: "How many" } },
    },
    async () =>
      Response.json({
        status: "deleted",
        deleted: await deleteAllDeadLetters(redis),
      }),
  );
  app.endpoint({
    ...route(
      "post",
      "/dead-letters/{id}/replay",
      "admin",
      "Put a dead letter back on the stream",
    ),
    request: { params: deadLetterParams },
    responses: {
      200: { description: "The id of its new entry" },
      404: PROBLEM,
      422: PROBLEM,
    },
  }, async (context) => {
    const { id } = checkParameters(deadLetterParams, context.req.param());
    const outcome = await replayDeadLetter(redis, id);
    if (outcome === "absent") throw absent(id);
    if (outcome === "empty") {
      throw new Problem(
        "invalid",
        `Of the entry of ${id} nothing is left to replay: it had been trimmed. Delete it.`,
      );
    }
    return Response.json({ status: "replayed", id: outcome });
  });
  app.endpoint({
    ...route("delete", "/dead-letters/{id}", "admin", "Delete a dead letter"),
    request: { params: deadLetterParams },
    responses: {
      200: { description: "It is deleted" },
      404: PROBLEM,
      422: PROBLEM,
    },
  }, async (context) => {
    const { id } = checkParameters(deadLetterParams, context.req.param());
    if (!await deleteDeadLetter(redis, id)) throw absent(id);
    return Response.json({ status: "deleted", deleted: 1 });
  });
}

const PROBLEM = {
  description: "A problem document",
  content: { "application/problem+json": { schema: problemDocument } },
};

function route(
  method: Endpoint["method"],
  path: string,
  scope: Endpoint["scope"],
  summary: string,
) {
  return { method, path, scope, summary, tags: ["dead letters"] };
}

function absent(id: string): Problem {
  return new Problem(
    "not-found",
    `There is no dead letter ${id}; it may have been replayed or deleted.`,
  );
}
