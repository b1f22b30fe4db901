/**
 * The meters of a handful of sites: what each measures at a given moment. The same moment always gives the same value,
 * so that meters of one site agree with each other, and a day that is sent twice is the same day.
 *
 * The meters of a site add up to what it takes from the grid; a roof is negative, and what it gives beyond the site's
 * own needs is export. The sun stands highest at 12:00 UTC, and shifts are in UTC too.
 *
 * @module
 */

/** A meter. */
export interface Meter {
  /** Its site. */
  site_id: string;
  /** Its name there. */
  device_id: string;
  /** The least it ever shows, in watts. */
  min: number;
  /** The most it ever shows, in watts. */
  max: number;
  /**
   * What it shows.
   *
   * @param at Milliseconds since 1970.
   * @returns Watts, with one decimal.
   */
  watts(at: number): number;
}

/** What a meter sends. */
export interface Reading {
  site_id: string;
  device_id: string;
  power_reading: number;
  timestamp: string;
}

/**
 * Reads a meter.
 *
 * @param meter The meter.
 * @param at When, in milliseconds since 1970.
 * @returns The reading.
 */
export function readMeter(meter: Meter, at: number): Reading {
  return {
    site_id: meter.site_id,
    device_id: meter.device_id,
    power_reading: meter.watts(at),
    timestamp: new Date(at).toISOString(),
  };
}

type Curve = (at: number) => number;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** All meters of all sites. */
export const METERS: Meter[] = [
  ...house("house-maple", { solar: 8000, heatPump: 2200, base: 250 }),
  ...house("house-birch", { solar: 4500, car: 7400, base: 180 }),
  ...office("office-north", 14_000),
  ...factory("factory-east", 60_000),
  ...farm("farm-south", 30_000),
];

function house(
  site: string,
  size: { solar: number; base: number; heatPump?: number; car?: number },
): Meter[] {
  const sun = solar(site, size.solar);
  const heat = heatPump(site, size.heatPump ?? 0);
  const car = charger(site, size.car ?? 0);
  const home = household(site, size.base);
  return [
    meter(site, "household", 0, size.base * 12, home),
    meter(site, "solar", -size.solar, 0, (at) => -sun(at)),
    ...(size.heatPump
      ? [meter(site, "heat-pump", 0, size.heatPump, heat)]
      : []),
    ...(size.car ? [meter(site, "car-charger", 0, size.car, car)] : []),
  ];
}

function office(site: string, size: number): Meter[] {
  const open: Curve = (at) =>
    isWorkday(at) ? plateau(hourOf(at), 7.5, 18, 1.2) : 0;
  const light: Curve = (at) =>
    size * (0.04 + 0.36 * open(at)) * noise(site + "light", at, 0.04);
  const air: Curve = (at) =>
    size * (0.03 + 0.4 * open(at) * (0.5 + 0.5 * warmth(at))) *
    noise(site + "air", at, 0.08);
  const servers: Curve = (at) =>
    size * 0.15 * noise(site + "servers", at, 0.02);
  return [
    meter(site, "lighting", 0, size * 0.6, light),
    meter(site, "air-conditioning", 0, size * 0.6, air),
    meter(site, "server-room", 0, size * 0.2, servers),
  ];
}

function factory(site: string, size: number): Meter[] {
  // Two shifts, 05 to 13 and 13 to 21, with a break in each and a quarter of an hour to change.
  const working: Curve = (at) => {
    if (!isWorkday(at)) return 0;
    const hour = hourOf(at);
    const shift = plateau(hour, 5, 12.9, 0.2) + plateau(hour, 13.1, 21, 0.2);
    const pause = plateau(hour, 9, 9.5, 0.1) + plateau(hour, 17, 17.5, 0.1);
    return Math.max(0, shift - 0.7 * pause);
  };
  const press: Curve = (at) =>
    size *
    (0.01 + 0.44 * working(at) * (isOn(site, at, 3 * MINUTE, 0.8) ? 1 : 0.55)) *
    noise(site + "press", at, 0.05);
  const furnace: Curve = (at) =>
    size * (0.06 + 0.24 * working(at)) * noise(site + "furnace", at, 0.03);
  const compressor: Curve = (at) =>
    size * (isOn(site + "air", at, 6 * MINUTE, 0.1 + 0.7 * working(at))
      ? 0.12
      : 0.01) *
    noise(site + "compressor", at, 0.03);
  const building: Curve = (at) =>
    size * (0.02 + 0.03 * working(at)) * noise(site + "building", at, 0.04);
  return [
    meter(site, "building", 0, size * 0.1, building),
    meter(site, "press-line", 0, size * 0.5, press),
    meter(site, "furnace", 0, size * 0.4, furnace),
    meter(site, "compressor", 0, size * 0.15, compressor),
  ];
}

function farm(site: string, size: number): Meter[] {
  const sun = solar(site, size);
  const milking: Curve = (at) =>
    size *
    (0.02 +
      0.3 *
        (plateau(hourOf(at), 4.5, 6.5, 0.3) +
          plateau(hourOf(at), 16, 18, 0.3))) *
    noise(site + "milk", at, 0.06);
  return [
    meter(site, "solar", -size, 0, (at) => -sun(at)),
    meter(site, "milking-parlour", 0, size * 0.5, milking),
  ];
}

function meter(
  site_id: string,
  device_id: string,
  min: number,
  max: number,
  curve: Curve,
): Meter {
  const watts = (at: number) => {
    const value = Math.min(max, Math.max(min, curve(at)));
    // Rounding can give -0, which JSON does not have.
    return Math.round(value * 10) / 10 + 0;
  };
  return { site_id, device_id, min, max, watts };
}

/** A roof: nothing from 18 to 6, and clouds that come and go by day. */
function solar(site: string, peak: number): Curve {
  return (at) => {
    const height = Math.sin(Math.PI * (hourOf(at) - 6) / 12);
    if (height <= 0) return 0;
    const haze = 0.55 + 0.45 * smooth(site + "haze", at, 3 * HOUR);
    const cloud = 1 - 0.35 * smooth(site + "cloud", at, 12 * MINUTE) ** 2;
    return peak * height ** 1.3 * haze * cloud * noise(site + "sun", at, 0.01);
  };
}

/** Fridges and standby always; breakfast and evening on top; a kettle or an oven now and then. */
function household(site: string, base: number): Curve {
  return (at) => {
    const hour = hourOf(at);
    const people = 1.2 * plateau(hour, 6, 8.5, 0.8) +
      0.5 * plateau(hour, 11.5, 13.5, 0.7) + 2 * plateau(hour, 17, 22.5, 1.2);
    const fridge = isOn(site + "fridge", at, 25 * MINUTE, 0.4) ? 0.35 : 0;
    const cooking = isOn(site + "cooking", at, 9 * MINUTE, 0.12 * people)
      ? 5
      : 0;
    return base * (0.7 + people + fridge + cooking) * noise(site, at, 0.03);
  };
}

/** It runs in turns, the longer the colder it is outside. */
function heatPump(site: string, size: number): Curve {
  return (at) =>
    size * (isOn(site + "heat", at, 40 * MINUTE, 0.65 - 0.35 * warmth(at))
      ? 0.8
      : 0.01) *
    noise(site + "heat", at, 0.03);
}

/** A car that is charged two nights out of three. */
function charger(site: string, size: number): Curve {
  return (at) => {
    const night = Math.floor((at - 12 * HOUR) / DAY);
    const since = (at - 12 * HOUR) / HOUR - night * 24;
    const start = 7 + 2 * random(site + "plugged", night);
    const hours = 1.5 + 2 * random(site + "empty", night);
    const charges = random(site + "drove", night) < 0.67;
    const on = charges && since > start && since < start + hours;
    return on ? size * 0.97 * noise(site + "car", at, 0.01) : 0;
  };
}

function hourOf(at: number): number {
  return (((at % DAY) + DAY) % DAY) / HOUR;
}

function isWorkday(at: number): boolean {
  const day = new Date(at).getUTCDay();
  return day !== 0 && day !== 6;
}

/** 0 in the cold of the night, 1 in the heat of the afternoon. */
function warmth(at: number): number {
  return 0.5 + 0.5 * Math.cos(2 * Math.PI * (hourOf(at) - 15) / 24);
}

/** 1 between two hours of the day, 0 far from them, with slopes of a given length around each. */
function plateau(hour: number, from: number, to: number, slope: number) {
  const rise = 1 / (1 + Math.exp(-4 * (hour - from) / slope));
  const fall = 1 / (1 + Math.exp(4 * (hour - to) / slope));
  return rise * fall;
}

/** Whether something that runs in turns runs now: the first part of each turn, which varies a little. */
function isOn(name: string, at: number, turn: number, share: number): boolean {
  const shifted = at + random(name, 0) * turn;
  const index = Math.floor(shifted / turn);
  const into = shifted / turn - index;
  return into < share * (0.8 + 0.4 * random(name, index));
}

/** A factor near 1 that trembles with each moment. */
function noise(name: string, at: number, strength: number): number {
  return 1 + strength * (2 * random(name, at) - 1);
}

/** A value from 0 to 1 that wanders slowly. */
function smooth(name: string, at: number, period: number): number {
  const index = Math.floor(at / period);
  const into = at / period - index;
  const ease = into * into * (3 - 2 * into);
  return random(name, index) * (1 - ease) + random(name, index + 1) * ease;
}

/** A value from 0 to 1 that looks random and depends on nothing but its arguments (FNV-1a, then murmur3's mixing). */
function random(name: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${name}:${seed}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
