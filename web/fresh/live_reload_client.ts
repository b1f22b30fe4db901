/**
 * The browser's part of {@link ./live_reload.ts}; bundled in development only.
 *
 * @module
 */

const PLACE = "fresh-scroll";

const [path, place] = (sessionStorage.getItem(PLACE) ?? "").split(" ");
sessionStorage.removeItem(PLACE);
if (path === location.href) scrollTo(0, Number(place));

let known: string | null = null;
let source: EventSource | null = null;

function listen() {
  source = new EventSource("/_fresh/alive");
  source.onmessage = ({ data }) => {
    known ??= data;
    if (known === data) return;
    sessionStorage.setItem(PLACE, `${location.href} ${scrollY}`);
    location.reload();
  };
}

// A hidden page gives its connection back: a browser has six for all tabs of an HTTP/1.1 origin.
document.addEventListener("visibilitychange", () => {
  source?.close();
  if (!document.hidden) listen();
});
listen();
