/**
 * What is posted to the pages with forms, asked without a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { withDashboard } from "./testing/dashboard.ts";

const none = () => undefined;
const PAGES = ["/submit", "/pipeline"];

Deno.test("a form that has no end is refused, and not read any further", async () => {
  await withDashboard(none, async (url, calls) => {
    for (const path of PAGES) {
      let sent = 0;
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode("x".repeat(65_536)));
          sent += 65_536;
          if (sent >= 1e8) controller.close();
        },
      });
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body,
      });
      assert.equal(response.status, 413, path);
      assert.match(await response.text(), /at most 65536 bytes/);
      assert.ok(sent < 2e7, `${sent} bytes were taken`);
    }
    assert.ok(!calls.some((call) => call.startsWith("POST")));
  });
});

Deno.test("what is no form, or a broken one, is said to be so", async () => {
  await withDashboard(none, async (url) => {
    const post = (path: string, type: string, body: string) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
    for (const path of PAGES) {
      const other = await post(path, "application/json", "{}");
      assert.equal(other.status, 415, path);
      assert.match(await other.text(), /application\/x-www-form-urlencoded/);
      for (
        const [type, body] of [
          ["multipart/form-data", "--x--"],
          ["multipart/form-data; boundary=x", "nonsense"],
        ]
      ) {
        const broken = await post(path, type, body);
        assert.equal(broken.status, 400, `${path} ${type}`);
        assert.match(await broken.text(), /is cut off or broken/);
      }
    }
  });
});

Deno.test("a form of either kind is read", async () => {
  await withDashboard(none, async (url) => {
    const parts = new FormData();
    parts.set("site_id", "site-1");
    for (const body of [parts, new URLSearchParams({ site_id: "site-1" })]) {
      const response = await fetch(`${url}/submit`, { method: "POST", body });
      assert.equal(response.status, 200);
      assert.match(await response.text(), /Accepted as/);
    }
  });
});
