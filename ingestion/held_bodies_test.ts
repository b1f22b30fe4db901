import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHeldBodies, type HeldBody } from "./held_bodies.ts";

/** Grows a body; says whether it may go on. */
function growing(body: HeldBody, bytes: number): { done: boolean } {
  const state = { done: false };
  body.grow(bytes).then(() => state.done = true);
  return state;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("bodies share what may be held: when it is used up the oldest goes on, and the next once that is done", async () => {
  const bodies = createHeldBodies(100);
  const [first, second, third] = [1, 2, 3].map(() => bodies.open());
  for (const body of [first, second]) await body.grow(40);
  const waits = growing(second, 40);
  const new_ = growing(third, 0);
  await turn();
  assertEquals([waits.done, new_.done], [false, false]);
  await first.grow(500);
  assertEquals(bodies.bytes, 620);
  await turn();
  assertEquals([waits.done, new_.done], [false, false]);
  first[Symbol.dispose]();
  await until(() => waits.done && new_.done);
  assertEquals(bodies.bytes, 80);
  await second.grow(40);
  const more = growing(third, 1);
  await turn();
  assertEquals(more.done, false);
  for (const body of [second, second, third]) body[Symbol.dispose]();
  assertEquals(bodies.bytes, 0);
});

Deno.test("a body for which there is no memory for long is refused with 503, and another takes its place", async () => {
  const bodies = createHeldBodies(10, 20);
  using first = bodies.open();
  await first.grow(20);
  {
    using second = bodies.open();
    await assertRejects(() => second.grow(5), /send it again shortly/);
  }
  assertEquals(bodies.bytes, 20);
  using third = bodies.open();
  const waits = growing(third, 5);
  await turn();
  first[Symbol.dispose]();
  await until(() => waits.done);
});
