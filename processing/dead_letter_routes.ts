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
import { json, problem, PROBLEMS } from "./endpoint.ts";
import {
  deadLettersAnswer,
  deletedAnswer,
  replayedAnswer,
  replayedOneAnswer,
} from "./schemas.ts";

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
    responses: { ...json("A page", deadLettersAnswer), ...PROBLEMS },
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
      responses: { ...json("How many", replayedAnswer), ...UNASKED },
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
      responses: { ...json("How many", deletedAnswer), ...UNASKED },
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
      ...json("The id of its new entry", replayedOneAnswer),
      ...ABOUT_ONE,
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
      ...json("It is deleted", deletedAnswer),
      ...ABOUT_ONE,
    },
  }, async (context) => {
    const { id } = checkParameters(deadLetterParams, context.req.param());
    if (!await deleteDeadLetter(redis, id)) throw absent(id);
    return Response.json({ status: "deleted", deleted: 1 });
  });
}

/** The errors of what takes no parameter. */
const { 422: _, ...UNASKED } = PROBLEMS;

const ABOUT_ONE = {
  ...PROBLEMS,
  404: problem("There is no such dead letter"),
  422: problem("The id is none, or nothing is left that could be replayed"),
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
