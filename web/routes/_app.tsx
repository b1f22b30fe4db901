/**
 * The document around every page.
 *
 * @module
 */
import { asset } from "fresh/runtime";
import { healthOfParts } from "../data/health.ts";
import { define } from "../define.ts";
import Health from "../islands/Health.tsx";
import ThemeSwitch from "../islands/ThemeSwitch.tsx";

/** Header, navigation, health, colours. */
export default define.layout(async ({ Component, state }) => {
  const health = await healthOfParts("");
  const theme = state.theme ?? "system";
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          name="color-scheme"
          content={theme === "system" ? "light dark" : theme}
        />
        <title>Energy Microservices</title>
        <link rel="icon" href={asset("/icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("/base.css")} />
        <link rel="stylesheet" href={asset("/pages.css")} />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <a class="brand" href="/">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M13 2 4 14h6l-1 8 9-12h-6z" />
            </svg>
            <span>Energy</span>
          </a>
          <nav aria-label="Main">
            <a href="/">Overview</a>
            <a href="/submit">Submit</a>
            <a href="/pipeline">Pipeline</a>
          </nav>
          <Health first={health} />
          <ThemeSwitch first={theme} />
        </header>
        <main id="main" tabIndex={-1}>
          <Component />
        </main>
      </body>
    </html>
  );
});
