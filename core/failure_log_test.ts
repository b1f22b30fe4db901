import { assertEquals } from "../dev/testing/assert.ts";
import { createFailureLog } from "./failure_log.ts";
import type { Logger } from "./log.ts";

function start() {
  const lines: Record<string, unknown>[] = [];
  const warning = (_: string, fields: Record<string, unknown>) =>
    lines.push(fields);
  return { lines, ...createFailureLog({ warning } as unknown as Logger) };
}

const refused = (id: number) => ({
  method: "POST",
  route: "/readings",
  status: 503,
  request_id: String(id),
});

Deno.test("a storm of failures is ten lines, and one that says how many more there were", () => {
  const { lines, add, flush } = start();
  for (let id = 1; id <= 1000; id++) add(refused(id), 500);
  assertEquals(lines, Array.from({ length: 10 }, (_, i) => refused(i + 1)));
  flush(10_499);
  assertEquals(lines.length, 10);
  flush(10_500);
  const { request_id: _, ...kind } = refused(0);
  assertEquals(lines[10], { ...kind, times: 990, within_s: 10 });
  flush(30_000);
  assertEquals(lines.length, 11);
});

Deno.test("the next ten seconds have lines of their own, and begin with what was counted before", () => {
  const { lines, add } = start();
  for (let id = 1; id <= 12; id++) add(refused(id), 0);
  add(refused(13), 10_000);
  assertEquals(lines.length, 12);
  assertEquals(lines[10].times, 2);
  assertEquals(lines[11], refused(13));
});

Deno.test("a few failures of other routes and statuses each have their line, and no count", () => {
  const { lines, add, flush } = start();
  for (let id = 0; id < 10; id++) {
    add(refused(id), 0);
    add({ ...refused(id), route: "/sites" }, 0);
    add({ ...refused(id), status: 500 }, 0);
  }
  flush(Infinity);
  assertEquals(lines.length, 30);
});

Deno.test("what is left at the end is written down", () => {
  const { lines, add, flush } = start();
  for (let id = 1; id <= 11; id++) add(refused(id), 0);
  flush(Infinity);
  assertEquals(lines[10].times, 1);
});
