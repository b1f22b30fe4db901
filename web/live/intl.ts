/**
 * The visitor's language and zone in the browser.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { type Format, formatFor, type Intlish } from "../format.ts";

/** The zone that the server wrote with, then the browser's own. */
export function useTimeZone(known: string): string {
  const [timeZone, setTimeZone] = useState(known);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own) setTimeZone(own);
  }, []);
  return timeZone;
}

/** The format of a page: the first visit is written in UTC, because the server cannot know the zone. */
export function useFormat(intl: Intlish): Format {
  const timeZone = useTimeZone(intl.timeZone);
  return formatFor({ locale: intl.locale, timeZone });
}
