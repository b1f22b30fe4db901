/**
 * Keeps the overview's cards up to date.
 *
 * @module
 */
import { batch, type Signal, signal } from "@preact/signals";
import type { DeviceNow } from "../api_types.ts";
import { type Card, unpackCards } from "../data/cards.ts";
import { type LinkState, listen } from "./events.ts";

interface Changed {
  sites: Record<string, { last_heard: string; devices: DeviceNow[] }>;
}

/** A card's values; each has a signal, so that a reading changes one card and not the list. */
export interface LiveCard extends Card {
  live: Signal<{ watts: number; heard: number }>;
}

/** A card with its signal. */
export function liven(card: Card): LiveCard {
  return { ...card, live: signal({ watts: card.watts, heard: card.heard }) };
}

/**
 * Listens to all sites, and fetches the cards that the page did not bring as one scrolls.
 *
 * @param cards The cards
 * @param link Where the connection is
 * @param complete Whether all sites have a card; set once they have
 * @param end The element after the last card
 * @returns To fetch the cards now, and to end it
 */
export function watchSites(
  cards: Signal<LiveCard[]>,
  link: Signal<LinkState>,
  complete: Signal<boolean>,
  end: Element | null,
): { fetchAll(): Promise<void>; close(): void } {
  const devices = new Map<string, Map<string, number>>();
  const byId = new Map(cards.value.map((card) => [card.id, card]));
  let fetching = false;
  let enrich: ReturnType<typeof setTimeout> | undefined;

  async function fetchAll() {
    if (fetching) return;
    fetching = true;
    try {
      const response = await fetch("/api/overview");
      if (!response.ok) return;
      const fresh = unpackCards(await response.text());
      for (const card of fresh) {
        const known = byId.get(card.id);
        const live = known?.live ??
          signal({ watts: card.watts, heard: card.heard });
        byId.set(card.id, { ...card, live });
      }
      batch(() => {
        complete.value = true;
        cards.value = [...byId.values()];
      });
    } finally {
      fetching = false;
    }
  }

  function change(data: string, whole: boolean) {
    const { sites } = JSON.parse(data) as Changed;
    let added = false, removed = false;
    if (whole) {
      // A site that was deleted.
      for (const id of byId.keys()) {
        if (!Object.hasOwn(sites, id)) removed = byId.delete(id);
      }
    }
    batch(() => {
      for (
        const [id, { last_heard, devices: changed }] of Object.entries(sites)
      ) {
        let powers = devices.get(id);
        if (powers === undefined || whole) devices.set(id, powers = new Map());
        for (const device of changed) {
          powers.set(device.device_id, device.power_reading);
        }
        let watts = 0;
        for (const power of powers.values()) watts += power;
        const heard = Date.parse(last_heard);
        const card = byId.get(id);
        if (card !== undefined) {
          card.live.value = { watts, heard };
          // What the next ordering goes by.
          card.watts = watts;
          card.heard = heard;
        } else if (complete.value) {
          byId.set(id, newCard(id, watts, heard));
          added = true;
        }
      }
    });
    if (added || removed) cards.value = [...byId.values()];
    if (!added) return;
    // Its history and energy, once the shared answer is a new one.
    clearTimeout(enrich);
    enrich = setTimeout(fetchAll, 2_000);
  }

  const events = listen("/api/processing/live", {
    snapshot: (data) => change(data, true),
    update: (data) => change(data, false),
  });
  const stop = events.state.subscribe((state) => link.value = state);

  const observer = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting && !complete.value) fetchAll();
  }, { rootMargin: "600px" });
  if (end !== null) observer.observe(end);
  // Means and energy move on by the quarter hour, not by the reading.
  const timer = setInterval(
    () => !document.hidden && complete.value && fetchAll(),
    300_000,
  );
  return {
    fetchAll,
    close() {
      stop();
      events.close();
      observer.disconnect();
      clearInterval(timer);
      clearTimeout(enrich);
    },
  };
}

/** A site that was never heard before. */
function newCard(id: string, watts: number, heard: number): LiveCard {
  return {
    id,
    watts,
    heard,
    imported: null,
    exported: null,
    trend: "",
    low: 0,
    high: 0,
    live: signal({ watts, heard }),
  };
}
