/** @module */
import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { StaticChart } from "./StaticChart.tsx";

Deno.test("StaticChart draws each step, and starts a new line after a gap", () => {
  const html = renderToString(
    <StaticChart
      series={{
        step: "1m",
        times: [0, 1, 2, 3, 4],
        devices: [{ id: "a", means: [0, 100, null, -100, null] }],
      }}
    />,
  );
  assert.match(html, / d="M0 145h0L250 2M750 288h0"/);
});

Deno.test("StaticChart of two hundred devices and a month of hours is still a small picture", () => {
  const times = Array.from({ length: 720 }, (_, i) => i);
  const devices = Array.from({ length: 200 }, (_, d) => ({
    id: `meter-${d}`,
    means: times.map((i) => i > 300 && i < 330 ? null : d * 100 + i),
  }));
  const html = renderToString(
    <StaticChart series={{ step: "1h", times, devices }} />,
  );
  assert.equal(html.match(/<path/g)!.length, 200);
  assert.equal(html.match(/M/g)!.length, 400, "the gap is still one");
  assert.ok(html.length < 250_000, `${html.length} characters`);
});
