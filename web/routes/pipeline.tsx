/**
 * The pipeline: what comes in, what is stored, what waits, what failed.
 *
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import type { DeadLettersAnswer, PipelineAnswer } from "../api_types.ts";
import { Away } from "../components/Away.tsx";
import { type Said, wordsFor } from "../data/letters.ts";
import { define } from "../define.ts";
import DeadLetters from "../islands/DeadLetters.tsx";
import Pipeline from "../islands/Pipeline.tsx";
import Retry from "../islands/Retry.tsx";
import { logEmptyPage } from "../log.ts";
import { getJson, reasonOf, services } from "../services.ts";
import { smallForm } from "../small_form.ts";

/** How many dead letters a page shows. */
const LETTERS = 50;

/** The actions on dead letters are posted here when there is no JavaScript. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    try {
      const [pipeline, letters] = await Promise.all([
        getJson<PipelineAnswer>("processing", "/pipeline"),
        getJson<DeadLettersAnswer>(
          "processing",
          `/dead-letters?limit=${LETTERS}`,
        ),
      ]);
      const ask = ctx.url.searchParams.get("ask");
      const said = saidOf(ctx.url.searchParams);
      return page({ pipeline, letters, ask, said, reason: "" }, {
        headers: { "cache-control": "no-store" },
      });
    } catch (error) {
      logEmptyPage(ctx.url, error);
      return page({
        pipeline: null,
        letters: null,
        ask: null,
        said: null,
        reason: reasonOf(error),
      }, {
        status: 503,
      });
    }
  },
  POST: async (ctx) => {
    const form = await smallForm(ctx.req);
    const key = String(form.get("key") ?? "").trim();
    const [action, id] = String(form.get("action") ?? "").split(" ");
    if (action === "ask") {
      return ctx.redirect(
        `/pipeline?ask=${encodeURIComponent(id)}#dead-letters`,
        303,
      );
    }
    if (action !== "replay" && action !== "delete" || !id) {
      throw new HttpError(400, "There is no such action.");
    }
    const path = [
      "/dead-letters",
      id !== "all" && encodeURIComponent(id),
      action === "replay" && "replay",
    ].filter(Boolean).join("/");
    const status = await fetch(services.processing + path, {
      method: action === "replay" ? "POST" : "DELETE",
      headers: key === "" ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(5_000),
    }).then(
      async (response) => (await response.body?.cancel(), response.status),
      () => 0,
    );
    return ctx.redirect(
      `/pipeline?did=${action}&status=${status}#dead-letters`,
      303,
    );
  },
});

/** What the address says came of an action; its words are the dashboard's own. */
function saidOf(params: URLSearchParams): Said | null {
  const action = params.get("did");
  return action === "replay" || action === "delete"
    ? wordsFor(action, Number(params.get("status")))
    : null;
}

/** The page. */
export default define.page<typeof handlers>((
  { data: { pipeline, letters, ask, said, reason }, state },
) => (
  <>
    <Head>
      <title>Pipeline · Energy Microservices</title>
    </Head>
    {pipeline === null || letters === null
      ? (
        <>
          <h1>Pipeline</h1>
          <Away what={reason} />
          <Retry />
        </>
      )
      : (
        <>
          <Pipeline first={thin(pipeline)} intl={state.intl} />
          <DeadLetters
            first={letters}
            ask={ask}
            said={said}
            intl={state.intl}
          />
        </>
      )}
  </>
));

/** Half the points of the history are enough for the page itself. */
function thin(pipeline: PipelineAnswer): PipelineAnswer {
  return {
    ...pipeline,
    history: pipeline.history.filter((_, i, all) =>
      (all.length - 1 - i) % 2 === 0
    ),
  };
}
