/**
 * Loads the page again once the services are back.
 *
 * @module
 */
import { useEffect } from "preact/hooks";

/** Nothing to see. */
export default function Retry() {
  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      const response = await fetch(location.href, { method: "HEAD" }).catch(
        () => null,
      );
      if (response?.ok) location.reload();
    }, 2_000);
    return () => clearInterval(timer);
  }, []);
  return null;
}
