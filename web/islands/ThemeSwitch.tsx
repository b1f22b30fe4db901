/**
 * Light, dark or as the system has it; and, as it is on every page, the cookie of the time zone.
 *
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Theme } from "../define.ts";

const CHOICES: [Theme, string, string][] = [
  [
    "light",
    "Light",
    "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM12 1v3m0 16v3M1 12h3m16 0h3M4.2 4.2l2.1 2.1m11.4 11.4 2.1 2.1m0-15.6-2.1 2.1M6.3 17.7l-2.1 2.1",
  ],
  ["dark", "Dark", "M21 13.5A9 9 0 1 1 10.5 3a7 7 0 0 0 10.5 10.5z"],
  ["system", "System", "M3 4h18v12H3zM8 20h8m-4-4v4"],
];

function keep(name: string, value: string) {
  document.cookie = `${name}=${
    encodeURIComponent(value)
  }; path=/; max-age=31536000; samesite=lax`;
}

/** Three buttons, one of them pressed. */
export default function ThemeSwitch({ first }: { first: Theme }) {
  const theme = useSignal(first);
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) keep("tz", zone);
  }, []);
  return (
    <div class="themes" role="group" aria-label="Colours">
      {CHOICES.map(([name, label, path]) => (
        <button
          key={name}
          type="button"
          title={label}
          aria-label={label}
          aria-pressed={theme.value === name}
          onClick={() => {
            theme.value = name;
            keep("theme", name);
            document.documentElement.dataset.theme = name;
            dispatchEvent(new Event("themechange"));
          }}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={path} />
          </svg>
        </button>
      ))}
    </div>
  );
}
