/**
 * Moves and zooms a chart's range: Shift and drag or a drag of the axis with a mouse; with one finger or two by touch.
 *
 * One rule for all: the time that was under a finger stays under it.
 *
 * @module
 */

/** A range of time, ms. */
export interface View {
  from: number;
  to: number;
}

/** What gestures need of a chart. */
export interface GestureTarget {
  /** Where the lines are; its width is the range. */
  over: HTMLElement;
  /** The time axis below. */
  axis: HTMLElement | null;
  view(): View;
  /** Called for each movement. */
  onMove(view: View): void;
  /** Called at the end of a gesture that moved something. */
  onEnd(view: View): void;
}

/** Less than this many pixels is a tap. */
const SLACK = 6;

/** A range cannot be made shorter than this, ms. */
const SHORTEST = 60_000;

interface Finger {
  startX: number;
  x: number;
  /** The time under it when it, or another one, came or went. */
  time: number;
}

/**
 * Listens to pointers.
 *
 * @returns Ends it; and whether a gesture is under way
 */
export function listenToGestures(target: GestureTarget): {
  isActive(): boolean;
  end(): void;
} {
  const { over, axis } = target;
  const fingers = new Map<number, Finger>();
  const listening = new AbortController();
  const { signal } = listening;
  let moved = false;

  function hold() {
    const { from, to } = target.view();
    for (const finger of fingers.values()) {
      finger.startX = finger.x;
      finger.time = from + finger.x / over.clientWidth * (to - from);
    }
  }

  function onDown(event: PointerEvent) {
    const touch = event.pointerType === "touch";
    if (!touch && event.button !== 0) return;
    if (!touch && event.currentTarget === over && !event.shiftKey) return;
    if (fingers.size === 2) return;
    const x = event.clientX - over.getBoundingClientRect().left;
    fingers.set(event.pointerId, { startX: x, x, time: 0 });
    hold();
    // A mouse may leave the plot while it drags.
    if (!touch) {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    }
  }

  function onMove(event: PointerEvent) {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    finger.x = event.clientX - over.getBoundingClientRect().left;
    if (!moved && Math.abs(finger.x - finger.startX) < SLACK) return;
    moved = true;
    target.onMove(
      viewFor([...fingers.values()], over.clientWidth, target.view()),
    );
  }

  function onUp(event: PointerEvent) {
    if (!fingers.delete(event.pointerId)) return;
    hold();
    if (fingers.size > 0 || !moved) return;
    moved = false;
    target.onEnd(target.view());
  }

  for (const element of [over, axis]) {
    element?.addEventListener("pointerdown", onDown, { signal });
    element?.addEventListener("pointermove", onMove, { signal });
    element?.addEventListener("pointerup", onUp, { signal });
    // The browser takes a finger that moves up or down, to scroll the page.
    element?.addEventListener("pointercancel", onUp, { signal });
  }
  return {
    isActive: () => fingers.size > 0,
    end: () => listening.abort(),
  };
}

/**
 * The range in which each finger is over its time again.
 *
 * @param fingers One, which moves the range, or two, which stretch it, too
 * @param width Of the plot, px
 * @param view The range now
 */
export function viewFor(
  fingers: { x: number; time: number }[],
  width: number,
  view: View,
): View {
  const [one, two] = fingers;
  let perPixel = (view.to - view.from) / width;
  if (two !== undefined) {
    const stretched = (two.time - one.time) / (two.x - one.x);
    // Fingers that cross, or meet, say nothing.
    if (stretched > 0 && Number.isFinite(stretched)) {
      perPixel = Math.max(stretched, SHORTEST / width);
    }
  }
  const from = one.time - one.x * perPixel;
  return { from, to: from + width * perPixel };
}
