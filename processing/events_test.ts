import { assert, assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { eventsAnswer, type EventSource } from "./events.ts";

const EVENT = "data: 1\n\n";

/** A source that gives what `take` gives, and counts how often it is asked and closed. */
function createSource(take: EventSource["take"]) {
  const source = {
    takes: 0,
    closed: 0,
    changed: () => {},
    take() {
      source.takes++;
      return take();
    },
    subscribe: (changed: () => void) => void (source.changed = changed),
    close: () => void source.closed++,
  };
  return source;
}

function answer(source: EventSource, closing = new AbortController()) {
  const body = eventsAnswer(source, closing.signal).body!;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  return Object.assign(reader, {
    // What has broken off cannot be left any more.
    [Symbol.asyncDispose]: () => reader.cancel().catch(() => {}),
  });
}

type Reader = ReturnType<typeof answer>;

/** Reads up to an event, past what only keeps the connection open. */
async function event(reader: Reader): Promise<string> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the events have ended");
    if (value.startsWith("data")) return value;
  }
}

/** Lets all that is ready have its turn. */
async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("eventsAnswer() sends what came while it was looking in vain", async () => {
  let ready = false;
  const source = createSource(async () => {
    if (ready) return source.takes === 2 ? EVENT : "";
    await turns(1);
    ready = true;
    source.changed();
    return "";
  });
  let seen = "";
  {
    await using reader = answer(source);
    event(reader).then((text) => seen = text, () => {});
    await until(() => seen === EVENT, { message: "the event is there" });
  }
  assertEquals(source.closed, 1);
});

Deno.test("eventsAnswer() takes nothing for a client that does not read, and goes on when it does", async () => {
  const source = createSource(async () => {
    await turns(1);
    return EVENT;
  });
  await using reader = answer(source);
  await until(() => source.takes > 2, { message: "the first are taken" });
  await turns();
  assert(source.takes < 10, `${source.takes} events were taken`);
  const before = source.takes;
  for (let i = 0; i < 20; i++) assertEquals(await event(reader), EVENT);
  assert(source.takes > before, "it goes on");
});

Deno.test("eventsAnswer() breaks off when there is nothing to be had from its source", async () => {
  const source = createSource(() => Promise.reject(new Error("Redis is away")));
  await using reader = answer(source);
  await assertRejects(() => event(reader), /Redis is away/);
  assertEquals(source.closed, 1);
});

Deno.test("eventsAnswer() ends when the service does", async () => {
  const source = createSource(() => "");
  const closing = new AbortController();
  const reader = answer(source, closing);
  closing.abort();
  await assertRejects(() => event(reader), /have ended/);
  assertEquals(source.closed, 1);
  await assertRejects(() => event(answer(source, closing)), /have ended/);
  assertEquals(source.closed, 2, "one that came too late");
});

Deno.test("eventsAnswer() sends a comment where all is quiet, and drops a client that takes nothing for long", async () => {
  const { now } = Date, clock = { setInterval, clearInterval };
  let late = 0, held = 0, look = () => {};
  Date.now = () => now() + late;
  globalThis.setInterval = ((run: () => void) => {
    look = run;
    return ++held;
  }) as unknown as typeof setInterval;
  globalThis.clearInterval = () => void held--;
  const signal = {
    aborted: false,
    addEventListener: () => held++,
    removeEventListener: () => held--,
  } as unknown as AbortSignal;
  try {
    let full = false;
    const source = createSource(async () => {
      await turns(1);
      return full ? EVENT : "";
    });
    await using reader = answer(source, { signal, abort: () => {} });
    assertEquals((await reader.read()).value, "retry: 2000\n\n");
    look();
    late += 15_000;
    look();
    assertEquals((await reader.read()).value, ":\n\n");
    full = true;
    source.changed();
    await turns();
    late += 29_000;
    look();
    assertEquals(source.closed, 0, "it may still come back");
    assertEquals(held, 2);
    late += 2000;
    look();
    assertEquals(source.closed, 1);
    assertEquals(held, 0, "neither timer nor listener is left of it");
    await assertRejects(async () => {
      for (;;) await event(reader);
    }, /does not keep up/);
  } finally {
    Date.now = now;
    Object.assign(globalThis, clock);
  }
});
