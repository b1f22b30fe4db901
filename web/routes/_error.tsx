/**
 * Something failed while a page was made.
 *
 * @module
 */
import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../define.ts";

/** Says what, as far as the visitor is concerned; the log has the rest. */
export default define.page(({ error }) => {
  const known = error instanceof HttpError ? error : null;
  if (known === null) console.error(error);
  return (
    <section class="empty">
      <Head>
        <title>Error · Energy Microservices</title>
      </Head>
      <h1>
        {known?.status === 403
          ? "Not from here"
          : "This page could not be made"}
      </h1>
      <p>
        {known?.status === 403
          ? "The request came from the page of another site, and was refused."
          : known?.message ||
            "The fault is on this side, and has been logged. Trying again may help."}
      </p>
      <p>
        <a class="button" href="/">To the overview</a>
      </p>
    </section>
  );
});
