import { assertEquals } from "../dev/testing/assert.ts";
import { createMetrics } from "./metrics.ts";

Deno.test("observeRequest() counts methods that a stranger invents as one", async () => {
  const { registry, observeRequest } = createMetrics();
  observeRequest("GET", "/readings", 200, 0.002);
  observeRequest("GET", "/readings", 200, 0.002);
  for (let i = 0; i < 100; i++) {
    observeRequest(`BREW${i}`, "unmatched", 405, 0.001);
  }
  const text = await registry.metrics();
  const counts = text.match(/^energy_http_requests_total.*$/gm);
  assertEquals(counts, [
    'energy_http_requests_total{method="GET",route="/readings",status="200"} 2',
    'energy_http_requests_total{method="_OTHER",route="unmatched",status="405"} 100',
  ]);
  assertEquals(text.includes("BREW"), false);
  const again = await registry.metrics();
  assertEquals(again.match(/^energy_http_requests_total.*$/gm), counts);
});
