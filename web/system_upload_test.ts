/**
 * A file as a household's meter writes it, uploaded in a browser to the real system, then looked at.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { axe } from "./testing/page.ts";
import { type System, withSystem } from "./testing/system.ts";

const DEVICES = ["main", "kitchen", "laundry", "heating"];
const ROWS = 8_000;
/** The lines that cannot be taken; the header is line 1. */
const WRONG: Record<number, string> = {
  101: "house,main,?,2026-01-01T00:00:00Z",
  4_002: "house,kitchen,12.5,yesterday",
  8_001: "the house,main,12.5,2026-01-01T00:00:00Z",
};
const BAD = Object.keys(WRONG).length;

/** A reading a minute of each device, up to now; the newest of each is 1, 2, 3 and 4 kW. */
function household(): string {
  const minutes = ROWS / DEVICES.length;
  const start = Date.now() - minutes * 60_000;
  const lines = ["site_id,device_id,power_reading,timestamp"];
  for (let i = 0; i < ROWS; i++) {
    const device = i % DEVICES.length;
    const minute = Math.floor(i / DEVICES.length);
    const time = new Date(start + minute * 60_000).toISOString();
    const power = minute >= minutes - 2 ? 1_000 * (device + 1) : minute % 97;
    lines.push(`house,${DEVICES[device]},${power}.0,${time}`);
  }
  for (const [line, text] of Object.entries(WRONG)) {
    lines[Number(line) - 1] = text;
  }
  return lines.join("\n") + "\n";
}

Deno.test({
  name: "a household's file on the real system",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) => withSystem((system) => steps(t, system)),
});

async function steps(t: Deno.TestContext, { web, open }: System) {
  await t.step(
    "its progress shows, and then the lines that were rejected",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/submit");
      const network = await page.context().newCDPSession(page);
      // As fast as a slow line, so that there is progress to see.
      await network.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: 200_000,
      });
      await page.locator("input[type=file]").setInputFiles({
        name: "household.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(household()),
      });
      await page.waitForFunction(() => {
        const bar = document.querySelector("progress");
        return bar !== null && bar.value > 0 && bar.value < bar.max;
      });
      await page.getByText(/kB\/s$/).waitFor();
      await page.getByText(/^7,997 accepted, 3 rejected/).waitFor();
      const rejected = page.getByRole("region", { name: "Rejected lines" });
      for (
        const [line, field] of [
          ["101", "power_reading"],
          ["4,002", "timestamp"],
          ["8,001", "site_id"],
        ]
      ) {
        await rejected.getByRole("row", { name: line })
          .locator("code", { hasText: field }).waitFor();
      }
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step(
    "the site's page has the number of readings and the power",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/sites/house");
      for (let i = 0; i < 50; i++) {
        if (await page.getByText("7,997 stored").count() > 0) break;
        await page.waitForTimeout(200);
        await page.reload();
      }
      await page.getByText("7,997 stored").waitFor();
      await page.locator(".now", { hasText: "10.0 kW" }).waitFor();
      for (const device of DEVICES) {
        await page.locator(".legend button", { hasText: device }).waitFor();
      }
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("every page is without fault on real data", async () => {
    const { page, faults, close } = await open();
    for (const path of ["/", "/sites/house", "/submit", "/pipeline"]) {
      await page.goto(path);
      await page.waitForTimeout(400);
      assert.deepEqual(await axe(page), [], path);
    }
    assert.deepEqual(faults, []);
    await close();
  });

  await t.step("readings are paged, and downloaded as CSV", async () => {
    const { page, close } = await open();
    await page.goto("/sites/house");
    const first = await page.locator("#readings tbody tr time").first()
      .getAttribute("datetime");
    await page.getByRole("link", { name: /^Older/ }).click();
    await page.waitForURL(/cursor=/);
    assert.notEqual(
      await page.locator("#readings tbody tr time").first().getAttribute(
        "datetime",
      ),
      first,
    );
    await close();
    const csv = await (await fetch(`${web.url}/sites/house/readings.csv`))
      .text();
    assert.equal(csv.trim().split("\n").length, ROWS - BAD + 1);
  });
}
