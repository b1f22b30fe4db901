/**
 * Something failed while a page was made.
 *
 * @module
 */
import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../define.ts";
import { log } from "../log.ts";

/** Says what, as far as the visitor is concerned; the log has the rest. */
export default define.page(({ error, req, url }) => {
  const [title, words] = wordsFor(error, req.method, url.pathname);
  return (
    <section class="empty">
      <Head>
        <title>Error · Energy Microservices</title>
      </Head>
      <h1>{title}</h1>
      <p>{words}</p>
      <p>
        <a class="button" href="/">To the overview</a>
      </p>
    </section>
  );
});

function wordsFor(
  error: unknown,
  method: string,
  path: string,
): [string, string] {
  const known = error instanceof HttpError ? error : null;
  if (known === null || known.status >= 500) {
    log.error("{method} {path} failed: {error}", {
      method,
      path,
      error: (error as Error)?.stack ?? String(error),
    });
    return [
      "This page could not be made",
      known?.message ||
      "The fault is on this side, and has been logged. Trying again may help.",
    ];
  }
  if (known.status === 403) {
    return [
      "Not from here",
      "The request came from the page of another site, and was refused.",
    ];
  }
  if (known.status === 405) {
    return ["Not in this way", `This address does not answer to ${method}.`];
  }
  return [
    "That was not accepted",
    known.message || "The request breaks a rule.",
  ];
}
