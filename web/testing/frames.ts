/**
 * Measures how evenly the overview is drawn while readings rain on it: 500 sites, 1,000 readings a second.
 *
 *     deno run -A web/testing/frames.ts
 *
 * @module
 */
import { startChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { startFake } from "./fake.ts";
import { openPage } from "./page.ts";

const SITES = 500;
const SECONDS = 10;

const fake = startFake({ sites: SITES });
const dashboard = await startDashboard({
  ingestion: fake.url,
  processing: fake.url,
});
const browser = await startChromium();
const { page } = await openPage(browser, dashboard.url, {
  viewport: { width: 1440, height: 900 },
});
await page.goto("/");
await page.locator(".link.live").waitFor();
// The rest of the cards comes as one scrolls.
await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
await page.waitForFunction(
  (sites) => document.querySelectorAll(".card").length === sites,
  SITES,
);
await page.evaluate(() => scrollTo(0, 0));
await page.waitForTimeout(1_000);

const ids: string[] = await page.evaluate(() =>
  [...document.querySelectorAll(".card h2")].map((name) => name.textContent!)
);
let next = 0;
// `/live` sends at most four times a second, and each site once in it: 250 of 500 sites have changed each time.
const rain = setInterval(() => {
  const changed: Record<string, unknown> = {};
  const timestamp = new Date().toISOString();
  for (let i = 0; i < 250; i++) {
    const power_reading = Math.random() * 9_000;
    changed[ids[next++ % ids.length]] = {
      last_heard: timestamp,
      devices: [{ device_id: "main", power_reading, timestamp }],
    };
  }
  fake.push(changed);
}, 250);

const result = await page.evaluate(async (seconds) => {
  let longTasks = 0;
  new PerformanceObserver((list) => longTasks += list.getEntries().length)
    .observe({ type: "longtask" });
  const frames: number[] = [];
  const end = performance.now() + seconds * 1000;
  let last = performance.now();
  await new Promise<void>((resolve) => {
    requestAnimationFrame(function frame(now) {
      frames.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame);
      else resolve();
    });
  });
  frames.shift();
  frames.sort((a, b) => a - b);
  return {
    frames: frames.length,
    above20ms: frames.filter((ms) => ms > 20).length,
    median: frames[Math.floor(frames.length / 2)],
    longest: frames.at(-1)!,
    longTasks,
  };
}, SECONDS);
clearInterval(rain);
console.log({
  ...result,
  share: `${(result.above20ms / result.frames * 100).toFixed(2)} %`,
});
await browser.close();
await dashboard.stop();
await fake.stop();
Deno.exit(0);
