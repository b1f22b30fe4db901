/**
 * The alert rules, by promtool's own tests.
 *
 * @module
 */

import { exists, root, run } from "../tools/fetch.ts";

Deno.test("the alerts fire when they should and not otherwise", async () => {
  const promtool = await findPromtool();
  if (promtool === undefined) {
    console.log(
      "promtool is not to be had here: the rules were rendered, and not tested",
    );
    return;
  }
  await run(promtool, [
    "test",
    "rules",
    `${root}deploy/prometheus/alerts_test.yaml`,
  ]);
});

/** On the PATH, or out of Debian's package, which is fetched and unpacked without being installed. */
async function findPromtool(): Promise<string | undefined> {
  const folder = `${root}.data/tools/prometheus`;
  const unpacked = `${folder}/usr/bin/promtool`;
  try {
    await run("promtool", ["--version"]);
    return "promtool";
  } catch {
    if (await exists(unpacked)) return unpacked;
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
    await run("apt-get", ["download", "-qq", "prometheus"], folder);
    await run("sh", ["-c", "dpkg-deb -x prometheus_*.deb ."], folder);
    return unpacked;
  } catch {
    return undefined;
  }
}
