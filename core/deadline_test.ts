import { assert, assertEquals } from "../dev/testing/assert.ts";
import { within } from "./deadline.ts";

const late = () => new Error("late");
const failed = (error: Error) => new Error(`failed: ${error.message}`);

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("within() gives what the promise gives, or makes an error of what it is rejected with", async () => {
  assertEquals(
    await outcome(within(1000, Promise.resolve(1), late, failed)),
    1,
  );
  const rejected = Promise.reject(new Error("a"));
  assertEquals(
    await outcome(within(1000, rejected, late, failed)),
    "failed: a",
  );
});

Deno.test("within() waits no shorter than it should, at whatever moment it begins", async () => {
  const waits = Array.from({ length: 40 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, 7 * index));
    const start = performance.now();
    const limit = 20 * (index % 5);
    const never = new Promise(() => {});
    assertEquals(await outcome(within(limit, never, late, failed)), "late");
    assert(performance.now() - start >= limit - 1, `${limit} ms`);
  });
  await Promise.all(waits);
});

Deno.test("within() waits for each promise apart, whatever becomes of the others and when", async () => {
  const resolves: ((value: number) => void)[] = [];
  const limits = [50, 10_000, 50, 10_000, 10_000, 50];
  const outcomes = limits.map((limit) =>
    outcome(within(
      limit,
      new Promise<number>((resolve) => resolves.push(resolve)),
      late,
      failed,
    ))
  );
  assertEquals(
    await Promise.all([0, 2, 5].map((index) => outcomes[index])),
    ["late", "late", "late"],
  );
  // What comes too late changes nothing, neither for itself nor for its neighbours.
  for (const index of [2, 5, 0, 3]) resolves[index](index);
  const next = outcome(within(50, new Promise(() => {}), late, failed));
  for (const index of [4, 1]) resolves[index](index);
  assertEquals(await Promise.all(outcomes), ["late", 1, "late", 3, 4, "late"]);
  assertEquals(await next, "late");
});
