/**
 * Events of a service that hangs, asked without a browser and seen in one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../dev/testing.ts";
import { services } from "./services.ts";
import { testInBrowser } from "./testing/browser.ts";
import { startDashboard } from "./testing/dashboard.ts";
import { startFake } from "./testing/fake.ts";

/** Lets events be silent for this long alone. */
async function withQuiet(ms: number, test: () => Promise<void>) {
  const { quietMs } = services;
  services.quietMs = ms;
  try {
    await test();
  } finally {
    services.quietMs = quietMs;
  }
}

Deno.test("events that fall silent are broken off, and left at the service too", () =>
  withQuiet(300, async () => {
    const fake = startFake();
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      const events = await fetch(`${dashboard.url}/api/processing/live`);
      assert.match(await events.text(), /^event: snapshot\n/);
      await until(() => fake.listeners() === 0);
    } finally {
      await dashboard.stop();
      await fake.stop();
    }
  }));

Deno.test("events with a comment now and then go on", () =>
  withQuiet(1_000, async () => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const fake = startFake({
      answer(req) {
        if (!req.url.endsWith("/live")) return;
        let left = 15;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            timer = setInterval(() => {
              controller.enqueue(new TextEncoder().encode(":\n\n"));
              if (--left > 0) return;
              clearInterval(timer);
              controller.close();
            }, 100);
          },
          cancel: () => clearInterval(timer),
        });
        return new Response(body, {
          headers: { "content-type": "text/event-stream" },
        });
      },
    });
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      const events = await fetch(`${dashboard.url}/api/processing/live`);
      assert.equal((await events.text()).length, 15 * 3);
    } finally {
      clearInterval(timer);
      await dashboard.stop();
      await fake.stop();
    }
  }));

testInBrowser("a service that hangs is not called live", { sites: 3 }, (
  { open, fake },
) =>
  withQuiet(1_000, async () => {
    const { page } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    // The stand-in says nothing after its snapshot.
    await page.locator(".link.lost").waitFor();
    await page.locator(".link.live").waitFor();
    assert.ok(
      fake.calls.filter((call) => call === "GET /live").length >= 2,
      "it connects anew",
    );
  }));
