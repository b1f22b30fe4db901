/**
 * The load generators, `wrk` for HTTP and `redis-benchmark` for Redis, and `taskset`, which keeps them on some cores.
 *
 * @module
 */

const PACKAGES = {
  "wrk": "wrk",
  "redis-benchmark": "redis-tools",
  "taskset": "util-linux",
};

/** What `wrk` counted. */
interface WrkResult {
  requests: number;
  /** Microseconds. */
  duration: number;
  /** Answers that were not 2xx or 3xx, and connections that failed. */
  errors: number;
}

/**
 * Says which programs are not there.
 *
 * @param pin Whether `taskset` is needed as well.
 * @returns One sentence for each, with the package that has it.
 */
export async function missingTools(pin: boolean): Promise<string[]> {
  const lines: string[] = [];
  for (const [program, name] of Object.entries(PACKAGES)) {
    if (program === "taskset" && !pin) continue;
    try {
      await new Deno.Command(program, { args: ["--version"] }).output();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      lines.push(
        `${program} is not on the PATH. Debian and Ubuntu have it in the package ${name}: apt install ${name}`,
      );
    }
  }
  return lines;
}

/**
 * Posts readings over 64 connections, each sending its next request once the last one was answered.
 *
 * @param url Where to.
 * @param readings How many readings a request has: one goes as an object, more as an array.
 * @param seconds For how long.
 * @param cores Where, as a list for `taskset`; anywhere if it is not given.
 * @returns Readings a second.
 * @throws {Error} When any request failed, for then the figure means nothing.
 */
export async function postReadings(
  url: string,
  readings: number,
  seconds: number,
  cores?: string,
): Promise<number> {
  const script = new URL("post.lua", import.meta.url).pathname;
  const text = await output("wrk", [
    ...["-t1", "-c64", `-d${seconds}s`, "--timeout", "10s"],
    ...["-s", script, url, "--", String(readings)],
  ], cores);
  const result: WrkResult = JSON.parse(text.split("\n").at(-2)!);
  if (result.errors > 0 || result.requests === 0) {
    throw new Error(
      `Expected every request to ${url} to be taken; ${result.errors} of ${result.requests} were not`,
    );
  }
  return result.requests * readings / (result.duration / 1e6);
}

/**
 * Has `redis-benchmark` add readings to a stream, a hundred to a round trip.
 *
 * @param port Redis's port.
 * @param count How many.
 * @param cores As for {@linkcode postReadings}.
 * @returns Readings a second.
 */
export async function addByBenchmark(
  port: number,
  count: number,
  cores?: string,
): Promise<number> {
  const text = await output("redis-benchmark", [
    ...["-p", String(port), "-P", "100", "-n", String(count), "--csv"],
    ...["XADD", "energy_readings", "*", "site_id", "site-001"],
    ...["device_id", "meter-42", "power_reading", "1500.5"],
    ...["timestamp", "2024-01-15T10:30:00Z"],
  ], cores);
  // The last line is the command and its figures, all quoted, of which the first is the rate. The command holds numbers
  // too, but none that is alone between quotes.
  const figures = text.trim().split("\n").at(-1)!.match(/"\d+\.\d+"/g)!;
  return Number(figures[0].slice(1, -1));
}

async function output(
  program: string,
  args: string[],
  cores?: string,
): Promise<string> {
  const command = cores === undefined
    ? new Deno.Command(program, { args })
    : new Deno.Command("taskset", { args: ["-c", cores, program, ...args] });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(`${program} failed: ${decoder.decode(stderr).trim()}`);
  }
  return decoder.decode(stdout);
}
