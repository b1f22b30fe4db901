/**
 * `deno task test:images`: builds the images with the engine that `DOCKER_HOST` names, starts everything with compose
 * under a name of its own, uses it, and takes it down again. Published ports must be reachable on localhost.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import { compose, docker, json, timed, until } from "./engine.ts";

const IMAGES = ["ingestion-api", "processing-service", "frontend"];
const PORTS = {
  INGESTION_PORT: "18000",
  PROCESSING_PORT: "18001",
  WEB_PORT: "13000",
};
const INGESTION = `http://localhost:${PORTS.INGESTION_PORT}`;
const PROCESSING = `http://localhost:${PORTS.PROCESSING_PORT}`;
const WEB = `http://localhost:${PORTS.WEB_PORT}`;

const reading = (device: string, power = 1500.5) => ({
  site_id: "site-001",
  device_id: device,
  power_reading: power,
  timestamp: "2024-01-15T10:30:00Z",
});
const post = (body: unknown) =>
  json(`${INGESTION}/readings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

Deno.test("the images, and the system that compose makes of them", async (t) => {
  for (const [name, value] of Object.entries(PORTS)) Deno.env.set(name, value);
  await compose("down", "--volumes", "--remove-orphans");
  /** What comes after a step that failed would only fail too. */
  const step = async (name: string, work: () => Promise<unknown>) => {
    if (!await t.step(name, async () => void await work())) {
      throw new Error(`not: ${name}`);
    }
  };
  try {
    await step("they build", () => timed("build", () => compose("build")));
    for (const image of IMAGES) {
      await step(
        `${image} is small, not root, labelled, and has no shell`,
        () => inspect(image),
      );
    }
    await step("all is healthy within 60 s", async () => {
      await timed(
        "up",
        () => compose("up", "--detach", "--wait", "--wait-timeout", "60"),
      );
    });
    await step("a reading goes in and comes back unchanged", async () => {
      equal((await json(`${INGESTION}/health`)).status, "healthy");
      equal((await json(`${PROCESSING}/health`)).status, "healthy");
      equal((await post(reading("meter-42"))).status, "accepted");
      await until(async () => (await stored()).length === 1);
      const [{ device_id, power_reading, timestamp }] = await stored();
      equal([device_id, power_reading, timestamp], [
        "meter-42",
        1500.5,
        "2024-01-15T10:30:00Z",
      ]);
    });
    await step(
      "the dashboard answers with its page and its scripts",
      async () => {
        const page = await (await fetch(WEB)).text();
        ok(page.includes("<html"), page.slice(0, 200));
        const script = page.match(/["'](\/[^"']+\.js[^"']*)["']/)?.[1];
        ok(script, "the page names a script");
        const answer = await fetch(new URL(script, WEB));
        equal(answer.status, 200);
        await answer.body?.cancel();
      },
    );
    await step("the smoke test passes from inside", async () => {
      ok(
        (await compose("run", "--rm", "--no-deps", "frontend", "--smoke-test"))
          .includes("came back"),
      );
    });
    await step(
      "each is ready within half a second of its start",
      async () => {
        for (const service of ["ingestion", "processing"]) {
          await startTime(service);
        }
      },
    );
    await step(
      "three consumers share the work, and one of them may be killed",
      async () => {
        await compose(
          "up",
          "--detach",
          "--wait",
          "--scale",
          "processing=3",
          "--no-recreate",
        );
        const sent = 3000;
        for (let batch = 0; batch < 30; batch++) {
          await post(
            Array.from(
              { length: 100 },
              (_, i) => reading(`m-${batch}-${i}`, i),
            ),
          );
          if (batch === 10) {
            await docker(
              "kill",
              "--signal=KILL",
              await containerOf("processing"),
            );
          }
        }
        await until(async () => (await stored()).length >= sent + 1, 90_000);
        const devices = (await stored()).map((each) => each.device_id);
        equal(devices.length, sent + 1);
        equal(new Set(devices).size, sent + 1);
      },
    );
    await step(
      "what was stored is there after everything was stopped",
      async () => {
        await compose("stop");
        await compose("up", "--detach", "--wait", "--wait-timeout", "60");
        equal((await stored()).length, 3001);
      },
    );
    await step(
      "a Redis that was killed within a transaction never runs the half of it",
      async () => {
        await compose("stop", "ingestion", "processing", "frontend");
        await push("given-up");
        await compose("kill", "redis");
        // As a write that was cut off leaves it: without the EXEC, and the RPUSH before it not whole.
        await compose(
          ...["run", "--rm", "--no-deps", "redis", "sh", "-c"],
          `cd /data/appendonlydir && for file in *.incr.aof; do :; done &&
            size=$(wc -c < "$file") && head -c $((size - 19)) "$file" > /data/cut && cat /data/cut > "$file"`,
        );
        await compose("up", "--detach", "--wait", "redis");
        await push("kept");
        await compose("restart", "redis");
        await compose("up", "--detach", "--wait", "--wait-timeout", "60");
        equal(await redis("LLEN", "kept"), "3");
        equal(await redis("LLEN", "given-up"), "0");
        equal((await stored()).length, 3001);
      },
    );
  } finally {
    await compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
  }
});

async function stored(): Promise<
  { device_id: string; power_reading: number; timestamp: string }[]
> {
  return (await json(`${PROCESSING}/sites/site-001/readings`)).readings;
}

async function redis(...command: string[]): Promise<string> {
  return (await compose("exec", "redis", "redis-cli", ...command)).trim();
}

/** Pushes three times in one transaction. */
async function push(key: string): Promise<void> {
  const script = "for i = 1, 3 do redis.call('RPUSH', KEYS[1], i) end";
  await redis("EVAL", script, "1", key);
}

async function inspect(image: string): Promise<void> {
  const [{ Size, Config }] = JSON.parse(
    await docker("image", "inspect", `${image}:latest`),
  );
  console.log(`  ${image}: ${(Size / 1e6).toFixed(1)} MB`);
  ok(Size < 125e6, `${Size} bytes`);
  equal(Config.User, "65532:65532");
  equal(Config.Labels["org.opencontainers.image.title"], image);
  ok(Config.Healthcheck.Test.includes("--healthcheck"));
  const shell = docker(
    "run",
    "--rm",
    "--entrypoint",
    "sh",
    `${image}:latest`,
    "-c",
    "true",
  );
  ok(await shell.then(() => false, () => true), "there is no sh");
  ok(
    (await docker("run", "--rm", `${image}:latest`, "--version")).trim()
      .length > 0,
  );
}

async function containerOf(service: string): Promise<string> {
  return (await compose("ps", "--quiet", service)).split("\n")[0];
}

/** From the start of the process to the first answer of /readyz, which is asked every 10 ms from inside. */
async function startTime(service: string): Promise<void> {
  const port = service === "ingestion"
    ? PORTS.INGESTION_PORT
    : PORTS.PROCESSING_PORT;
  await compose("restart", "--timeout", "10", service);
  const url = `http://localhost:${port}/readyz`;
  await until(
    async () => {
      const response = await fetch(url);
      await response.body?.cancel();
      return response.ok;
    },
    10_000,
    10,
  );
  const ready = Date.now();
  const started = await docker(
    "inspect",
    "--format",
    "{{.State.StartedAt}}",
    await containerOf(service),
  );
  const ms = ready - Date.parse(started.trim());
  console.log(`  ${service}: ready ${ms} ms after its start`);
  // Half a second is what it takes alone; a busy machine gets twice that.
  ok(ms < 1000, `${ms} ms`);
}
