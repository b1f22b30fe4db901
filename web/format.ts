/**
 * Numbers, units and times as the visitor's language writes them; the same on the server and in the browser.
 *
 * @module
 */

/** A language and a time zone: plain data, so that islands can be given it. */
export interface Intlish {
  locale: string;
  timeZone: string;
}

/** A number and its unit, apart, so that they can be set apart. */
export interface Quantity {
  value: string;
  unit: string;
}

/** What writes values for one visitor. */
export interface Format {
  /** Watts as W, kW, MW or GW. */
  power(watts: number): Quantity;
  /** Watts at an axis: without zeros that say nothing. */
  powerTick(watts: number): Quantity;
  /** Kilowatt-hours at an axis. */
  energyTick(kWh: number): Quantity;
  /** Kilowatt-hours as Wh, kWh, MWh or GWh. */
  energy(kWh: number): Quantity;
  /** Bytes as B, kB, MB or GB. */
  bytes(bytes: number): Quantity;
  /** A plain number with at most `digits` after the point. */
  number(value: number, digits?: number): string;
  /** `14:05`. */
  time(ms: number): string;
  /** `Mar 4, 14:05:09`, with the year unless it is this one. */
  dateTime(ms: number): string;
  /** `Mar 4`. */
  date(ms: number): string;
  /** `Tue, Mar 4`: for an axis, which has no room for a year. */
  weekday(ms: number): string;
  /** `Tue, Mar 4`, with the year unless it is this one. */
  day(ms: number): string;
  /** `Mar 2025`. */
  month(ms: number): string;
  /** `5 sec. ago`. */
  ago(ms: number, now: number): string;
}

const made = new Map<string, Format>();

/** The format of a language and zone; making one is slow, so it is kept. */
export function formatFor({ locale, timeZone }: Intlish): Format {
  const key = `${locale} ${timeZone}`;
  let format = made.get(key);
  if (format === undefined) {
    // Anyone can send any language: the number kept is bounded.
    if (made.size > 200) made.clear();
    made.set(key, format = create(locale, timeZone));
  }
  return format;
}

/** A quantity as one text. */
export function text({ value, unit }: Quantity): string {
  return `${value}\u00a0${unit}`;
}

function create(locale: string, timeZone: string): Format {
  const numbers = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 0) => {
    let format = numbers.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, {
        minimumFractionDigits: 0,
        maximumFractionDigits: digits,
        // What rounds to zero is zero, whatever its sign was.
        signDisplay: "negative",
      });
      numbers.set(digits, format);
    }
    return format.format(value);
  };
  // Three figures are what a glance can take.
  const significant = new Intl.NumberFormat(locale, {
    maximumSignificantDigits: 3,
    minimumSignificantDigits: 3,
  });
  const rounded = new Intl.NumberFormat(locale, {
    maximumSignificantDigits: 3,
    signDisplay: "negative",
  });
  const scaled = (
    value: number,
    units: string[],
    from = 0,
    figures = significant,
  ): Quantity => {
    let size = Math.abs(value);
    let unit = from;
    let shown = value;
    while (size >= 999.5 && unit < units.length - 1) {
      size /= 1000;
      shown /= 1000;
      unit++;
    }
    while (size > 0 && size < 0.9995 && unit > 0 && unit > from - 1) {
      size *= 1000;
      shown *= 1000;
      unit--;
    }
    // An axis may have steps of less than the smallest unit.
    const whole = (unit === 0 || size === 0) && figures === significant;
    return {
      value: whole
        ? number(shown, size < 10 && unit > 0 ? 1 : 0)
        : figures.format(shown),
      unit: units[unit],
    };
  };
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    return (ms: number) => format.format(ms);
  };
  const year = date({ year: "numeric" });
  const withYear = (options: Intl.DateTimeFormatOptions) => {
    const short = date(options);
    const long = date({ ...options, year: "numeric" });
    return (ms: number) => year(ms) === year(Date.now()) ? short(ms) : long(ms);
  };
  const dayOptions = {
    weekday: "short",
    month: "short",
    day: "numeric",
  } as const;
  const relative = new Intl.RelativeTimeFormat(locale, {
    numeric: "auto",
    style: "short",
  });
  return {
    powerTick: (watts) => scaled(watts, ["W", "kW", "MW", "GW"], 0, rounded),
    energyTick: (kWh) => scaled(kWh, ["Wh", "kWh", "MWh", "GWh"], 1, rounded),
    power: (watts) => scaled(watts, ["W", "kW", "MW", "GW"]),
    energy: (kWh) => scaled(kWh, ["Wh", "kWh", "MWh", "GWh"], 1),
    bytes: (bytes) => scaled(bytes, ["B", "kB", "MB", "GB", "TB"]),
    number,
    time: date({ hour: "2-digit", minute: "2-digit" }),
    dateTime: withYear({
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    }),
    date: date({ month: "short", day: "numeric" }),
    weekday: date(dayOptions),
    day: withYear(dayOptions),
    month: date({ month: "short", year: "numeric" }),
    ago(ms, now) {
      const seconds = Math.min(0, Math.round((ms - now) / 1000));
      if (seconds > -60) return relative.format(seconds, "second");
      if (seconds > -3600) {
        return relative.format(Math.round(seconds / 60), "minute");
      }
      if (seconds > -86_400) {
        return relative.format(Math.round(seconds / 3600), "hour");
      }
      return relative.format(Math.round(seconds / 86_400), "day");
    },
  };
}
