/**
 * The dashboard in a real browser, against stand-ins: the power chart by mouse, keyboard and touch.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testInBrowser } from "./testing/browser.ts";

testInBrowser("the power chart", { sites: 4 }, async ({ open }, t) => {
  await t.step(
    "dragging over the chart zooms, and the address shows the range",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/sites/house-001");
      const box = (await page.locator(".u-over").boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=.*to=/);
      await page.getByRole("button", { name: "Back to now" }).click();
      await page.waitForURL(/range=24h/);
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("the chart answers to the keyboard", async () => {
    const { page, close } = await open();
    await page.goto("/sites/house-001");
    await page.locator(".u-over").waitFor();
    await page.locator(".plot").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".legend output").first().waitFor();
    await page.keyboard.press("+");
    await page.waitForURL(/from=.*to=/);
    await close();
  });

  await t.step(
    "a drag with Shift, or of the time axis, moves the range",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/sites/house-001");
      const box = await boxOf(page);
      const drag = async (y: number) => {
        await page.mouse.move(box.x + box.width * 0.25, y);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
        await page.mouse.up();
      };
      await page.keyboard.down("Shift");
      await drag(box.y + 50);
      await page.keyboard.up("Shift");
      await page.waitForURL(/from=.*to=/);
      const first = rangeOf(page);
      assert.ok(Math.abs(first.to - first.from - DAY) < 1_000);
      assert.ok(near(Date.now() - first.to, DAY / 4), "moved by a quarter");
      await drag(box.y + box.height + 15);
      await page.waitForURL((url) =>
        Date.parse(url.searchParams.get("to")!) < first.to
      );
      const second = rangeOf(page);
      assert.ok(near(first.to - second.to, DAY / 4));
      assert.equal(second.to - second.from, first.to - first.from);
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("one finger moves the range, two zoom it", async () => {
    const { page, faults, close } = await open(PHONE);
    await page.goto("/sites/house-001");
    const box = await boxOf(page);
    const touch = await fingers(page);
    const y = box.y + box.height / 2;
    const at = (part: number) => ({ x: box.x + box.width * part, y });
    await page.getByText("Drag to move, pinch to zoom.").waitFor();
    await touch([[at(0.25)], [at(0.3)], [at(0.4)], [at(0.5)]]);
    await page.waitForURL(/from=.*to=/);
    const moved = rangeOf(page);
    assert.ok(near(moved.to - moved.from, DAY));
    assert.ok(near(Date.now() - moved.to, DAY / 4), "moved by a quarter");
    await touch([
      [at(0.4), at(0.6)],
      [at(0.35), at(0.65)],
      [at(0.3), at(0.7)],
    ]);
    await page.waitForURL((url) =>
      Date.parse(url.searchParams.get("to")!) < moved.to
    );
    const zoomed = rangeOf(page);
    assert.ok(near(zoomed.to - zoomed.from, DAY / 2), "twice as near");
    assert.ok(near(zoomed.from - moved.from, DAY / 4), "the middle stayed");
    assert.deepEqual(faults, []);
    await close();
  });

  await t.step("a finger that goes up scrolls the page", async () => {
    const { page, close } = await open(PHONE);
    await page.goto("/sites/house-001");
    const box = await boxOf(page);
    const touch = await fingers(page);
    const x = box.x + box.width / 2;
    await touch(
      [0, 20, 40, 60, 80, 100, 120].map((
        by,
      ) => [{ x, y: box.y + box.height - by }]),
    );
    await page.waitForFunction(() => scrollY > 60);
    assert.doesNotMatch(page.url(), /from=/);
    await close();
  });
});

const DAY = 86_400_000;

const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

function rangeOf(page: Page): { from: number; to: number } {
  const { searchParams } = new URL(page.url());
  return {
    from: Date.parse(searchParams.get("from")!),
    to: Date.parse(searchParams.get("to")!),
  };
}

/** Within a twentieth of a day: a few pixels of slack. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) < DAY / 20;
}

async function boxOf(page: Page) {
  const over = page.locator(".u-over");
  await over.scrollIntoViewIfNeeded();
  return (await over.boundingBox())!;
}

/** Touches as the browser's own input has them: down at the first points, along the others, up. */
async function fingers(page: Page) {
  const session = await page.context().newCDPSession(page);
  return async (path: { x: number; y: number }[][]) => {
    for (const [i, points] of path.entries()) {
      await session.send("Input.dispatchTouchEvent", {
        type: i === 0 ? "touchStart" : "touchMove",
        touchPoints: points.map((point, id) => ({ ...point, id })),
      });
    }
    await session.send("Input.dispatchTouchEvent", {
      type: "touchEnd",
      touchPoints: [],
    });
  };
}
