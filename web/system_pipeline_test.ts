/**
 * Dead letters of the real system in a browser: shown, replayed, deleted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { DEAD_STREAM, STREAM } from "../core/keys.ts";
import { axe } from "./testing/page.ts";
import { type System, withSystem } from "./testing/system.ts";

Deno.test({
  name: "dead letters of the real system",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) => withSystem((system) => steps(t, system)),
});

async function steps(t: Deno.TestContext, { redis: { url }, open }: System) {
  const redis = new Redis(url);
  const { page, faults, close } = await open();
  const letters = page.locator(".letters > li");

  await t.step(
    "what another program wrote into the stream shows with its reason",
    async () => {
      await page.goto("/pipeline");
      await page.getByText("Every reading that was accepted has been stored.")
        .waitFor();
      await redis.xadd(STREAM, "*", "colour", "green", "site_id", "site-001");
      await letters.filter({ hasText: "green" }).waitFor();
      await page.getByRole("heading", { name: "Dead letters (1)" }).waitFor();
      assert.match(await letters.locator(".reason").innerText(), /\w/);
      assert.deepEqual(await axe(page), []);
    },
  );

  await t.step("replayed, what is still wrong comes back", async () => {
    const before = await idOfFirst();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("Put back into the stream.").waitFor();
    await page.waitForFunction(
      (id) => {
        const first = document.querySelector(".letters .danger");
        return first !== null && first.ariaLabel !== id;
      },
      before,
    );
  });

  await t.step(
    "the question takes the focus once, and gives it back",
    async () => {
      const ask = async (opener: RegExp) => {
        await page.getByRole("button", { name: opener }).click();
        await page.locator("a:focus", { hasText: "Keep" }).waitFor();
      };
      const keep = async (opener: string) => {
        await page.getByRole("link", { name: "Keep" }).click();
        await page.locator(".danger:focus", { hasText: opener }).waitFor();
      };
      await ask(/^Delete \d/);
      await page.locator("summary", { hasText: "API key" }).focus();
      const other = await redis.xadd(DEAD_STREAM, "*", "reason", "another");
      await letters.filter({ hasText: "another" }).waitFor();
      assert.equal(await page.locator("summary:focus").count(), 1);
      await keep("Delete…");
      await ask(/^Delete all/);
      await keep("Delete all…");
      await redis.xdel(DEAD_STREAM, other!);
      await letters.filter({ hasText: "another" }).waitFor({
        state: "detached",
      });
    },
  );

  await t.step("it is deleted, but only after the question", async () => {
    await page.getByRole("button", { name: /^Delete \d/ }).click();
    await page.getByRole("link", { name: "Keep" }).click();
    assert.equal(await redis.xlen(DEAD_STREAM), 1);
    await page.getByRole("button", { name: /^Delete \d/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" })
      .click();
    await page.getByText("Every reading that was accepted has been stored.")
      .waitFor();
    assert.equal(await redis.xlen(DEAD_STREAM), 0);
  });

  await t.step("replayed, what can be stored now is stored", async () => {
    const reading = {
      site_id: "depot",
      device_id: "main",
      power_reading: "812.5",
      timestamp: new Date().toISOString(),
    };
    const letter = {
      ...reading,
      reason: "failed 5 deliveries",
      source_id: "1-0",
      deliveries: "5",
    };
    await redis.xadd(DEAD_STREAM, "*", ...Object.entries(letter).flat());
    await letters.filter({ hasText: "depot" }).waitFor();
    await page.getByRole("button", { name: "Replay all" }).click();
    await page.getByText("Put back into the stream.").waitFor();
    await letters.waitFor({ state: "detached" });
    assert.deepEqual(faults, []);
    await page.goto("/");
    await page.locator(".card", { hasText: "depot" }).getByText("813")
      .waitFor();
  });

  await close();
  redis.disconnect();

  function idOfFirst() {
    return letters.first().locator(".danger").getAttribute("aria-label");
  }
}
