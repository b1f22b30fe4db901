/** @module */
import assert from "node:assert/strict";
import {
  arrange,
  type Card,
  levelsOf,
  packCards,
  trendOf,
  unpackCards,
} from "./cards.ts";

const card = (id: string, watts: number, heard: number): Card => ({
  id,
  watts,
  heard,
  imported: 1.25,
  exported: null,
  ...trendOf([null, -50, 0, 100]),
});

Deno.test("packCards() and unpackCards() keep what a card shows", () => {
  const cards = [
    card("site-1", 12.34, 1_700_000_000_000),
    card("a.b_c:d", -1, 0),
  ];
  assert.deepEqual(unpackCards(packCards(cards)), cards);
  assert.deepEqual(unpackCards(packCards([])), []);
});

Deno.test("trendOf() has zero on its scale, so that height is power", () => {
  const { trend, low, high } = trendOf([null, -50, 0, 100]);
  const levels = levelsOf(trend);
  assert.equal(low, -50);
  assert.equal(high, 100);
  assert.equal(levels[0], null);
  assert.equal(levels[1], 0);
  assert.ok(Math.abs(levels[2]! - 1 / 3) < 0.02);
  assert.equal(levels[3], 1);
  assert.equal(trendOf([500, 500]).low, 0);
  assert.deepEqual(trendOf([null]), { trend: "", low: 0, high: 0 });
});

Deno.test("arrange() filters whatever the case, and orders", () => {
  const cards = [card("B", 1, 3), card("a", 2, 1), card("AB", 3, 2)];
  const ids = (query: string, order: "name" | "power" | "heard") =>
    arrange(cards, query, order).map(({ id }) => id).join();
  assert.equal(ids("", "power"), "AB,a,B");
  assert.equal(ids("", "heard"), "B,AB,a");
  assert.equal(ids(" a", "name"), "AB,a");
  assert.equal(cards[0].id, "B", "the list itself stays as it is");
});
