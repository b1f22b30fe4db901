/**
 * No such page.
 *
 * @module
 */
import { Head } from "fresh/runtime";
import { define } from "../define.ts";

/** Says so, and leads back. */
export default define.page(({ url }) => (
  <section class="empty">
    <Head>
      <title>Not found · Energy Microservices</title>
    </Head>
    <h1>There is nothing at this address</h1>
    <p>
      <code>{url.pathname}</code> is not a page of this dashboard.
    </p>
    <p>
      <a class="button" href="/">To the overview</a>
    </p>
  </section>
));
