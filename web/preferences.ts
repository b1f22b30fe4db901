/**
 * Reads what a visitor prefers: language from the browser, time zone and colours from cookies.
 *
 * @module
 */
import type { Middleware } from "fresh";
import { knownZone } from "./data/zone.ts";
import type { State, Theme } from "./define.ts";

/** Fills `ctx.state`. The time zone is UTC until an island has set the cookie. */
export function preferences(): Middleware<State> {
  return (ctx) => {
    const cookies = parseCookies(ctx.req.headers.get("cookie") ?? "");
    const theme = cookies.get("theme");
    ctx.state.theme = theme === "light" || theme === "dark"
      ? theme as Theme
      : "system";
    ctx.state.intl = {
      locale: localeOf(ctx.req.headers.get("accept-language") ?? ""),
      timeZone: knownZone(cookies.get("tz") ?? "") ?? "UTC",
    };
    return ctx.next();
  };
}

/** The first language that is well-formed and known, or `en`. */
export function localeOf(acceptLanguage: string): string {
  for (const entry of acceptLanguage.split(",", 10)) {
    const tag = entry.split(";")[0].trim();
    if (tag === "" || tag === "*" || tag.length > 35) continue;
    try {
      const [locale] = Intl.DateTimeFormat.supportedLocalesOf(tag);
      if (locale !== undefined) return locale;
    } catch {
      // Not a language tag: the next one may be.
    }
  }
  return "en";
}

function parseCookies(header: string): Map<string, string> {
  return new Map(
    header.split(";").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at).trim(), safeDecode(pair.slice(at + 1).trim())];
    }),
  );
}

function safeDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
