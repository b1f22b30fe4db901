/**
 * The dashboard in a real browser, against a stand-in: what the canvas of the power chart shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testInBrowser } from "./testing/browser.ts";

testInBrowser("the drawing", { sites: 4 }, async ({ open }, t) => {
  await t.step(
    "a device that is hidden takes no other with it into a range without it",
    async () => {
      const { page, close } = await open();
      await page.goto("/sites/house-001");
      await page.locator(".u-over").waitFor();
      await page.locator(".legend button", { hasText: "main" }).click();
      await page.route("**/series.json*", async (route) => {
        const series = await (await route.fetch()).json();
        series.devices = series.devices.filter(({ id }: { id: string }) =>
          id === "solar"
        );
        await route.fulfill({ json: series });
      });
      await page.locator(".plot").focus();
      await page.keyboard.press("+");
      await page.waitForURL(/from=.*to=/);
      assert.equal(await page.locator(".legend button").count(), 1);
      assert.ok(await pixels(page, "--c0") > 50, "solar is drawn");
      await close();
    },
  );

  await t.step("the time axis has the date where a day begins", async () => {
    const { page, close } = await open({
      viewport: { width: 1280, height: 800 },
    });
    await page.addInitScript(() => {
      const drawn: string[] = [];
      Object.assign(globalThis, { drawn });
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        drawn.push(text);
        draw.call(this, text, ...at);
      };
    });
    await page.goto(
      "/sites/house-001?from=2026-01-10T12:00:00Z&to=2026-01-14T12:00:00Z",
    );
    await page.locator(".u-over").waitFor();
    const drawn = await page.evaluate(() =>
      (globalThis as unknown as { drawn: string[] }).drawn
    );
    for (const text of ["08:00", "11 Jan", "12 Jan", "13 Jan", "14 Jan"]) {
      assert.ok(drawn.includes(text), `${text} is not in ${drawn}`);
    }
    assert.ok(!drawn.includes("00:00"));
    await close();
  });

  await t.step("the last label of the time axis is whole", async () => {
    const { page, close } = await open({ locale: "en-US" });
    await page.addInitScript(() => {
      const ends = new Map<string, number>();
      Object.assign(globalThis, { ends });
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, ...at) {
        const end = this.getTransform().transformPoint({ x, y: 0 }).x +
          this.measureText(text).width / 2;
        ends.set(text, this.canvas.width - end);
        draw.call(this, text, x, ...at);
      };
    });
    await page.goto(
      "/sites/house-001?from=2026-01-10T08:00:00Z&to=2026-01-10T12:00:00Z",
    );
    await page.locator(".u-over").waitFor();
    const room = await page.evaluate(() => [
      ...(globalThis as unknown as { ends: Map<string, number> }).ends,
    ]);
    const last = room.find(([text]) => text === "01:00 PM");
    assert.ok(last !== undefined, `no label at the end: ${room}`);
    assert.ok(last[1] >= 0, `${-last[1]} pixels of it are outside`);
    await close();
  });
});

/** How many pixels of the plot have a colour of the page. */
async function pixels(page: Page, name: string): Promise<number> {
  return await page.evaluate((name) => {
    const css = getComputedStyle(document.documentElement)
      .getPropertyValue(name).trim();
    const wanted = css.match(/[0-9a-f]{2}/gi)!.map((hex) => parseInt(hex, 16));
    const canvas = document.querySelector<HTMLCanvasElement>(".plot canvas")!;
    const { data } = canvas.getContext("2d")!
      .getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (wanted.every((part, c) => Math.abs(part - data[i + c]) < 8)) count++;
    }
    return count;
  }, name);
}
