/**
 * The dashboard's addresses against the real system: names with a colon, and what is at none of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../dev/testing.ts";
import { axe } from "./testing/page.ts";
import { type System, withSystem } from "./testing/system.ts";

Deno.test({
  name: "the dashboard's addresses on the real system",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) => withSystem((system) => steps(t, system)),
});

async function steps(
  t: Deno.TestContext,
  { processing, web, open, post }: System,
) {
  await t.step("the lines for a terminal work as they are", async () => {
    const { page, close } = await open();
    const run = async () => {
      const line = await page.locator("pre.code", { hasText: "curl" })
        .innerText();
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", line],
        stderr: "null",
      }).output();
      assert.match(new TextDecoder().decode(stdout), /accepted/, line);
    };
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    await run();
    await page.locator(".card", { hasText: "site-001" }).waitFor();
    await page.goto("/submit?site_id=site-002");
    await run();
    await page.goto("/");
    await page.locator(".card", { hasText: "site-002" }).waitFor();
    await close();
  });

  await t.step("a site with a colon in its name opens", async () => {
    await post("plant:a", "meter-1", 1500);
    const { page, faults, close } = await open();
    await page.goto("/");
    await page.locator(".card", { hasText: "plant:a" }).click();
    await page.getByRole("heading", { name: "plant:a" }).waitFor();
    await page.locator("#readings tbody tr").waitFor();
    await page.locator(".title .link.live").waitFor();
    const href = await page.getByRole("link", { name: "Download CSV" })
      .getAttribute("href");
    const file = await page.request.get(href!);
    assert.match(await file.text(), /plant:a,meter-1,1500/);
    const now = Date.now();
    const series = await page.request.get(
      `/sites/plant%3Aa/series.json?from=${now - 3_600_000}&to=${now}`,
    );
    assert.equal((await series.json()).devices[0].id, "meter-1");
    assert.deepEqual(faults, []);
    await close();
  });

  await t.step("a name that is not well-formed is not found", async () => {
    for (const path of ["", "/readings.csv", "/series.json?from=0&to=1"]) {
      const response = await fetch(`${web.url}/sites/%25${path}`);
      assert.equal(response.status, 404, path);
      await response.body?.cancel();
    }
  });

  await t.step("HEAD answers what GET does", async () => {
    for (
      const path of [
        "/sites/plant:a",
        "/sites/plant:a/readings.csv",
        "/api/processing/sites",
        "/api/processing/live",
        "/api/processing/metrics",
        "/api/ingestion/health",
        "/api/ingestion/readings",
      ]
    ) {
      const [head, get] = await Promise.all(
        ["HEAD", "GET"].map((method) => fetch(web.url + path, { method })),
      );
      assert.equal(head.status, get.status, path);
      const type = "content-type";
      assert.equal(head.headers.get(type), get.headers.get(type), path);
      assert.equal(await head.text(), "");
      await get.body?.cancel();
    }
  });

  await t.step(
    "what processing refuses is refused in its words, and not called an outage",
    async () => {
      const name = "must be 1 to 64 characters";
      for (
        const [path, status, words] of [
          ["bad%20name", 404, name],
          ["x".repeat(65), 404, name],
          ["plant:a?from=1900-01-01&to=2500-01-01", 400, "10000 points"],
          ["plant:a?cursor=bogus", 400, "must be a cursor"],
          ["plant:a?device=%3Cb%3E", 400, name],
          ["bad%20name/series.json?from=0&to=1", 404, name],
          ["plant:a/series.json?from=0&to=8e13", 400, "10000 points"],
        ] as const
      ) {
        const response = await fetch(`${web.url}/sites/${path}`);
        assert.equal(response.status, status, path);
        const html = await response.text();
        assert.ok(html.includes(words), `${path}: ${html}`);
        assert.doesNotMatch(html, /Not reachable|tries again|No readings/);
      }
      const { page, faults, close } = await open();
      await page.goto("/sites/plant:a?cursor=bogus");
      assert.deepEqual(await axe(page), []);
      await page.getByRole("link", { name: "Show the site’s last day" })
        .click();
      await page.locator("#readings tbody tr").waitFor();
      assert.equal(faults.length, 1, "the 400 alone");
      await close();
    },
  );

  await t.step(
    "the page of an unknown site becomes the site's with its first reading",
    async () => {
      const { page, faults, close } = await open();
      const isShown = async (power: string) => {
        await page.locator(".now", { hasText: power }).waitFor();
        await page.locator("#readings tbody tr").waitFor();
        assert.equal(await page.getByText("Nothing has been heard").count(), 0);
      };
      await page.goto("/sites/late-1");
      await page.getByText("Nothing has been heard").waitFor();
      await page.locator(".title .link.live").waitFor();
      await post("late-1", "meter-1", 1500);
      await isShown("1.50");

      // Stored when the page is there and does not listen yet.
      await page.route("**/sites/late-2/live", async (route) => {
        await post("late-2", "meter-1", 2500);
        const url = `${processing.url}/sites/late-2/readings`;
        await until(async () => (await (await fetch(url)).json()).count === 1);
        await route.continue();
      }, { times: 1 });
      await page.goto("/sites/late-2");
      await isShown("2.50");
      assert.deepEqual(faults, []);
      await close();
    },
  );
}
