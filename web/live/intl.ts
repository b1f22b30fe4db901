/**
 * The visitor's language and zone in the browser.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { type Format, formatFor, type Intlish } from "../format.ts";

/**
 * First what the server wrote with, then the browser's own zone: the first visit is written in UTC, because the
 * server cannot know.
 */
export function useFormat(intl: Intlish): Format {
  const [timeZone, setTimeZone] = useState(intl.timeZone);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own) setTimeZone(own);
  }, []);
  return formatFor({ locale: intl.locale, timeZone });
}
