/**
 * The pipeline: what comes in, what is stored, what waits, what failed.
 *
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import type { DeadLettersAnswer, PipelineAnswer } from "../api_types.ts";
import { Away } from "../components/Away.tsx";
import { define } from "../define.ts";
import DeadLetters from "../islands/DeadLetters.tsx";
import Pipeline from "../islands/Pipeline.tsx";
import Retry from "../islands/Retry.tsx";
import { getJson, reasonOf, services } from "../services.ts";

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
      return page({ pipeline, letters, ask, reason: "" }, {
        headers: { "cache-control": "no-store" },
      });
    } catch (error) {
      console.warn(String(error));
      return page({
        pipeline: null,
        letters: null,
        ask: null,
        reason: reasonOf(error),
      }, {
        status: 503,
      });
    }
  },
  POST: async (ctx) => {
    const form = await ctx.req.formData();
    const id = String(form.get("id") ?? "");
    const key = String(form.get("key") ?? "").trim();
    const action = form.get("action");
    if (action === "ask") {
      return ctx.redirect(
        `/pipeline?ask=${encodeURIComponent(id || "all")}#dead-letters`,
        303,
      );
    }
    const replay = action === "replay";
    const path = [
      "/dead-letters",
      id && encodeURIComponent(id),
      replay && "replay",
    ].filter(Boolean).join("/");
    await fetch(services.processing + path, {
      method: replay ? "POST" : "DELETE",
      headers: key === "" ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(5_000),
    }).then((response) => response.body?.cancel(), () => {});
    return ctx.redirect("/pipeline#dead-letters", 303);
  },
});

/** The page. */
export default define.page<typeof handlers>((
  { data: { pipeline, letters, ask, reason }, state },
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
          <DeadLetters first={letters} ask={ask} intl={state.intl} />
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
