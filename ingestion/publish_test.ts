import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import { createPublisher } from "./publish.ts";
import source from "./publish.lua" with { type: "text" };
import { READING, startIngestion } from "./testing/harness.ts";

async function calls(h: Awaited<ReturnType<typeof startIngestion>>) {
  const stats = await h.client.info("commandstats");
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

Deno.test("requests that come while a call is under way are written by the next one, each with its own ids", async () => {
  await using h = await startIngestion({}, { own: true });
  await h.postJson(READING);
  const before = await calls(h);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      i % 10 === 0
        ? h.postJson([
          { ...READING, power_reading: i },
          { ...READING, power_reading: i + 0.5 },
        ])
        : h.postJson({ ...READING, power_reading: i })),
  );
  assert(await calls(h) - before < 50);
  const byId = new Map(
    (await h.entries()).map(({ id, fields }) => [id, Number(fields[5])]),
  );
  answers.forEach(({ status, body }, i) => {
    assertEquals(status, 202);
    assertEquals(byId.get(body.id ?? body.first_id), i);
    if (i % 10 === 0) assertEquals(byId.get(body.last_id), i + 0.5);
  });
  assertEquals(byId.size, 221);
});

Deno.test("requests are written by halves while calls are quick, and together when they are slow", async () => {
  await using h = await startIngestion();
  for (const [callMs, sizes] of [[0.01, [1, 5, 4]], [50, [1, 9]]] as const) {
    let clock = 0;
    const called: number[] = [];
    const { promise: go, resolve } = Promise.withResolvers<void>();
    const publisher = createPublisher(
      {
        async call(command, args) {
          const counts = String(args.at(-1)).trim().split(" ");
          called.push(counts.length);
          await go;
          clock += callMs;
          return await h.redis.call(command, args);
        },
      },
      undefined,
      () => clock,
    );
    const publish = () =>
      publisher.publish({ text: "s d 1 t\n", count: 1 }, (it) => it);
    await h.client.script("LOAD", source);
    const first = publish();
    await until(() => called.length === 1);
    const others = Array.from({ length: 9 }, publish);
    resolve();
    const written = await Promise.all([first, ...others]);
    assertEquals(called, [...sizes]);
    assertEquals(new Set(written.map((it) => it.first)).size, 10);
  }
});

Deno.test("what waits is sent before the answers to what was written are made", async () => {
  const happened: string[] = [];
  const publisher = createPublisher({
    // As a connection does it, which puts together what the calls of one turn have to say.
    async call(_command, args) {
      const requests = String(args.at(-1)).trim().split(" ");
      queueMicrotask(() => happened.push(`sent ${requests.length}`));
      await new Promise((resolve) => setTimeout(resolve, 1));
      return requests.map(() => "1-0 1-0").join(" ");
    },
  });
  const publish = () =>
    publisher.publish(
      { text: "s d 1 t\n", count: 1 },
      () => void happened.push("answered"),
    );
  const first = publish();
  await until(() => publisher.queued === 0);
  await Promise.all([first, publish()]);
  assertEquals(happened, ["sent 1", "sent 1", "answered", "answered"]);
});

Deno.test("a call that fails is a 503 for each of its requests and for those that wait behind it", async () => {
  await using h = await startIngestion({ REDIS_TIMEOUT_MS: "200" }, {
    own: true,
  });
  await h.client.call("CLIENT", "PAUSE", "60000", "ALL");
  const first = h.postJson(READING);
  await until(() => h.publisher.sent === 1);
  const answers = await Promise.all([
    first,
    ...Array.from({ length: 50 }, () => h.postJson(READING)),
  ]);
  const types = answers.map(({ status, body }) => {
    assertEquals(status, 503);
    return body.type.split(":").at(-1);
  });
  // None of them was sent after the first, to wait for a time-out of its own.
  assertEquals(types, [
    "outcome-unknown",
    ...Array(50).fill("redis-unavailable"),
  ]);
});

Deno.test("what becomes of readings is counted, by its reason", async () => {
  const counted = { accepted: 0, redis: 0, unknown: 0 };
  const metrics = {
    accepted: (readings: number) => void (counted.accepted += readings),
    rejected: (reason: string, readings: number) =>
      void (counted[reason as "redis" | "unknown"] += readings),
    publishTook() {},
  };
  let reply: Promise<string> = Promise.resolve("1-0 1-1");
  const publisher = createPublisher({ call: () => reply }, metrics);
  const publish = (count: number) =>
    publisher.publish({ text: "", count }, (it) => it);
  const claim = { key: "k", before: "", ttlMs: 1, answer: "" };
  const publishOnce = (count: number) =>
    publisher.publishOnce({ text: "", count }, claim);
  await publish(2);
  await publishOnce(3);
  assertEquals(counted, { accepted: 5, redis: 0, unknown: 0 });

  const { promise, reject } = Promise.withResolvers<string>();
  reply = promise;
  const under = [publish(1), publish(10), publishOnce(1000)];
  await until(() => publisher.queued === 0);
  const behind = publish(100);
  reject(new Error("Command timed out"));
  await Promise.allSettled([...under, behind]);
  assertEquals(counted, { accepted: 5, redis: 100, unknown: 1011 });

  reply = Promise.reject(new Error("OOM its memory is full"));
  await Promise.allSettled([publish(1), publishOnce(2)]);
  assertEquals(counted, { accepted: 5, redis: 103, unknown: 1011 });

  // Another request's answer is kept: these were not written, and that one has counted them.
  reply = Promise.resolve(["kept", "answer"] as unknown as string);
  await publishOnce(1);
  // What there is no more room for.
  reply = new Promise(() => {});
  publish(1);
  await until(() => publisher.queued === 0);
  publish(100_001);
  await Promise.allSettled([publish(10_000)]);
  assertEquals(counted, { accepted: 5, redis: 10_103, unknown: 1011 });
});

Deno.test("what waited behind a call that failed is not sent afterwards, and waits no more", async () => {
  await using h = await startIngestion({ REDIS_TIMEOUT_MS: "200" }, {
    own: true,
  });
  // From now on Redis knows the script.
  await h.postJson({ ...READING, power_reading: 0 });
  await h.client.call("CLIENT", "PAUSE", "60000", "WRITE");
  const first = h.postJson({ ...READING, power_reading: 1 });
  await until(() => h.publisher.sent === 2);
  const behind = await Promise.all(
    Array.from({ length: 20 }, () => h.postJson(READING)),
  );
  for (const { body } of behind) assertMatch(body.detail, /were not stored/);
  assertEquals((await first).status, 503);
  assertEquals(h.publisher.queued, 0);
  await h.client.call("CLIENT", "UNPAUSE");
  const last = { ...READING, power_reading: 2 };
  await until(async () => (await h.postJson(last)).status === 202);
  // The connection keeps the order: whatever was sent before the last one is there.
  const powers = (await h.entries()).map(({ fields }) => Number(fields[5]));
  assertEquals(new Set(powers), new Set([0, 1, 2]));
});

Deno.test("a batch of more readings than one call takes otherwise goes in one call by itself", async () => {
  await using h = await startIngestion({ MAX_BATCH: "12000" });
  const batch = Array(11_000).fill(READING);
  const answers = await Promise.all([
    h.postJson(READING),
    h.postJson(batch),
    h.postJson(READING),
  ]);
  assertEquals(answers.map(({ status }) => status), [202, 202, 202]);
  assertEquals((await h.entries()).length, 11_002);
});

Deno.test("over MAX_BACKLOG the answer is 503 until there is room, also between two samples", async () => {
  await using h = await startIngestion({ MAX_BACKLOG: "10" }, { own: true });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => h.postJson(READING)),
  );
  assertEquals(answers.filter(({ status }) => status === 202).length, 10);
  const refused = answers.find(({ status }) => status !== 202);
  assertEquals(refused?.status, 503);
  assertEquals(refused?.headers.get("retry-after"), "5");
  assertEquals(refused?.body.type.split(":").at(-1), "backlog");
  assertEquals((await h.entries()).length, 10);

  // What is delivered and not acknowledged still waits.
  const read = await h.client.xreadgroup(
    "GROUP",
    GROUP,
    "c",
    "STREAMS",
    STREAM,
    ">",
  ) as [
    string,
    [string][],
  ][];
  const samples = async () => {
    const stats = await h.client.info("commandstats");
    return Number(/cmdstat_xinfo\|groups:calls=(\d+)/.exec(stats)![1]);
  };
  // The first of them may have been under way.
  const before = await samples();
  await until(async () => await samples() >= before + 2);
  assertEquals((await h.postJson(READING)).status, 503);
  await h.client.xack(STREAM, GROUP, ...read[0][1].map(([id]) => id));
  await until(async () => (await h.postJson(READING)).status === 202);
});

Deno.test("a lag that Redis does not know counts as the length of the stream", async () => {
  await using h = await startIngestion({ MAX_BACKLOG: "5" });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push((await h.postJson(READING)).body.id);
  await h.client.xdel(STREAM, ids[2]);
  const [group] = await h.client.xinfo("GROUPS", STREAM) as unknown[][];
  assertEquals(group[group.indexOf("lag") + 1], null);
  await until(() => h.backlog.readings === 3);
});

Deno.test("what an Idempotency-Key was answered is answered over MAX_BACKLOG too", async () => {
  await using h = await startIngestion({ MAX_BACKLOG: "1" });
  const key = { "idempotency-key": "a" };
  const first = await h.postJson(READING, key);
  assertEquals((await h.postJson(READING)).status, 503);
  assertEquals((await h.postJson(READING, key)).body, first.body);
});
