/**
 * Where the visitor has reached the dashboard.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";

/** What the server was asked for, then what the browser shows: a proxy that ends TLS stands between them. */
export function useOrigin(known: string): string {
  const [origin, setOrigin] = useState(known);
  useEffect(() => setOrigin(location.origin), []);
  return origin;
}
