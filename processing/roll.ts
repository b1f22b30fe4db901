/**
 * Rolling a site's list up, from where it is rolled up to.
 *
 * What was read is written by one script, and only if nothing has changed since. So it does not matter how many
 * replicas roll a site, or when one of them is killed.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { daysKey, metaKey, readingsKey, seriesKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import { readBlocks } from "./blocks.ts";
import { clear } from "./clear.ts";
import { lateParts, readLate } from "./late.ts";
import { mendBlocks, wrongBlocks } from "./mend_blocks.ts";
import { type Days, daysOf, type DeviceDay, memberOf } from "./merge.ts";
import { merge, replace } from "./merge.ts";
import source from "./roll.lua" with { type: "text" };
import { DAY_MS, packDay, RECORD } from "./rollup.ts";
import { TOTAL } from "./site_totals.ts";
import { readState, type SiteState, usable } from "./site_state.ts";
import { createSpan, readDays, readOn, type Span, unpack } from "./span.ts";

const script = createScript(source);

const CHUNK = 2000;

/** How many readings are rolled up at once, at most, in 16 bytes each; and how many rollups are written at once. */
const MOST_READINGS = 200_000;
const MOST_ROLLUPS = 10_000;

/** What a roll came to. */
export interface Rolled {
  /** How many readings it has rolled up. */
  readings: number;
  /** How many it has looked at for that. */
  read: number;
  /** What is known of the site now. */
  state: SiteState;
}

/** How to roll. */
export interface RollOptions {
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
  /** Whether what was rolled up with another gap may be made anew, which is for one replica alone to do. */
  rebuild?: boolean;
  /** How many readings are read from Redis at a time; 2,000 when not given, which takes it 0.1 to 0.2 ms. */
  chunk?: number;
}

/**
 * Rolls up the next part of a site's list: some thousand readings, or more when they are late, for the readings of
 * the quarters that they fall into have to be looked at again then.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param options How.
 * @returns What it came to; no readings when there are none, when another was faster, or when that is not to be done.
 * @throws {Error} `WRONGTYPE` when a key of the site holds something else.
 */
export async function roll(
  redis: Redis,
  siteId: string,
  { maxGapMs, rebuild = false, chunk = CHUNK }: RollOptions,
): Promise<Rolled> {
  let state = await readState(redis, siteId);
  let read = 0;
  const nothing = () => ({ readings: 0, read, state });
  if (state.length < 0) return nothing();
  if (!usable(state, maxGapMs)) {
    const kind = state.list === "another" || state.clearing === "list"
      ? "list"
      : "gap";
    // The rollups of a list that is gone are wrong for everyone; those of another gap may be right for others.
    if (kind === "gap" && !rebuild) return nothing();
    await clear(redis, state, kind);
    state = await readState(redis, siteId);
    if (!usable(state, maxGapMs)) return nothing();
  }
  const { base, rolled, length } = state;
  if (rolled >= base + length) return nothing();

  const span = createSpan(rolled - base);
  await readOn(redis, siteId, span, chunk);
  const blocks = state.list === "same"
    ? await readBlocks(redis, siteId)
    : undefined;
  for (;;) {
    const { days, records } = await stored(redis, siteId, span);
    const rollups = unpack(days, records);
    const late = merge(span.gathered, rollups, {
      maxGapMs,
      trimmedMax: state.trimmedMax,
    });
    if (late.size > 0) {
      const parts = lateParts(blocks, late, span.end);
      const done = span.end - span.start;
      // Looking for them is paid for by rolling up the more at once.
      if (
        done < Math.min(parts.count / 2, MOST_READINGS) &&
        span.end < length && count(rollups) < MOST_ROLLUPS
      ) {
        await readOn(redis, siteId, span, Math.min(done, 5 * chunk));
        // Retention has made the list shorter meanwhile; it is another one now than was looked at.
        if (span.end - span.start === done) return nothing();
        continue;
      }
      read += parts.count;
      replace(
        await readLate(redis, siteId, late, parts, chunk),
        rollups,
        maxGapMs,
      );
    }
    read += span.end - span.start;
    const wrong = await wrongBlocks(redis, siteId, span);
    await mendBlocks(redis, siteId, base, wrong);
    if (
      !await write(redis, state, span, { days, records, rollups }, maxGapMs)
    ) {
      return nothing();
    }
    return {
      readings: span.end - span.start,
      read,
      state: { ...state, list: "same", rolled: base + span.end, gap: maxGapMs },
    };
  }
}

function count(days: Days): number {
  return [...days.values()].reduce((sum, { length }) => sum + length, 0);
}

async function stored(redis: Redis, siteId: string, { gathered }: Span) {
  const days = daysOf(gathered);
  return { days, records: await readDays(redis, siteId, days) };
}

async function write(
  redis: Redis,
  { siteId, base, rolled }: SiteState,
  span: Span,
  { days, records, rollups }: {
    days: DeviceDay[];
    records: Uint8Array[];
    rollups: Days;
  },
  maxGapMs: number,
): Promise<boolean> {
  const keys = [metaKey(siteId), readingsKey(siteId), daysKey(siteId)];
  const args: (string | number | Buffer)[] = [
    base,
    rolled,
    maxGapMs,
    base + span.end,
    span.last,
    0,
  ];
  /** For each day the first quarter that changes. */
  const changed = new Map<number, number>();
  days.forEach((day, index) => {
    const before = records[index];
    const after = packDay(rollups.get(memberOf(day))!);
    const { from, to } = difference(before, after);
    if (from === to) return;
    keys.push(seriesKey(siteId, day.day, day.deviceId));
    args.push(
      memberOf(day),
      day.day,
      before.length,
      from,
      after.subarray(from, to),
    );
    const quarter = after.readUInt32LE(from) >>> 20;
    changed.set(day.day, Math.min(quarter, changed.get(day.day) ?? 96));
  });
  args[5] = keys.length - 3;
  for (const [day, quarter] of withFollowing(changed, maxGapMs)) {
    keys.push(seriesKey(siteId, day, ""));
    args.push(memberOf({ day, deviceId: "" }), quarter * TOTAL);
  }
  return await script(redis, keys, args) === 1;
}

/** What changes on a day may hold on into the next. */
function withFollowing(
  changed: Map<number, number>,
  maxGapMs: number,
): Map<number, number> {
  const all = new Map(changed);
  for (const day of changed.keys()) {
    for (let more = 1; more <= Math.ceil(maxGapMs / DAY_MS); more++) {
      all.set(day + more, 0);
    }
  }
  return all;
}

/** From which byte to which records differ; there are never fewer than before. */
function difference(before: Uint8Array, after: Uint8Array) {
  const same = (at: number) => before[at] === after[at];
  let from = 0, to = after.length;
  while (from < before.length && same(from)) from++;
  from -= from % RECORD;
  if (before.length === after.length) {
    while (to > from && same(to - 1)) to--;
  }
  return { from, to };
}
