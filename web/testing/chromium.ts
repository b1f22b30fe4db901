/**
 * Finds Chromium for the browser tests, or gets it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];

/** Quiet, and without a network of its own. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Installs it from the distribution; the list of packages may be missing, or old. */
const INSTALL =
  `install='apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends chromium'
$install || { apt-get update && $install; }`;

/** Starts Chromium. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: await chromiumPath(),
    args: FLAGS,
  });
}

/**
 * `CHROMIUM_PATH`, then PATH, then Playwright's own place; otherwise it is installed: as root on Debian and
 * Ubuntu by apt, elsewhere by Playwright's installer.
 *
 * @throws {Error} With what to do, if there is none and none can be had
 */
export async function chromiumPath(): Promise<string> {
  const given = Deno.env.get("CHROMIUM_PATH");
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, and there is no such file.`);
  }
  const found = onPath() ?? playwrightsOwn();
  if (found !== null) return found;
  console.log(
    "Chromium is not here yet; getting it once for the browser tests.",
  );
  if (await isRootWithApt()) {
    // Another suite may be at it, or another program: apt itself would give up at once.
    await run("flock", ["/usr/bin/apt-get", "sh", "-c", INSTALL]);
  } else {
    const cli = join(
      dirname(createRequire(import.meta.url).resolve("playwright-core")),
      "cli.js",
    );
    await run(Deno.execPath(), ["run", "-A", cli, "install", "chromium"]);
  }
  const got = onPath() ?? playwrightsOwn();
  if (got !== null) return got;
  throw new Error(
    "The browser tests need Chromium, and it could not be installed. Install it (Debian and Ubuntu: " +
      "sudo apt-get install chromium; macOS: brew install --cask chromium) or set CHROMIUM_PATH to a Chrome.",
  );
}

function onPath(): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      if (folder !== "" && existsSync(join(folder, name))) {
        return join(folder, name);
      }
    }
  }
  return null;
}

function playwrightsOwn(): string | null {
  const path = chromium.executablePath();
  return path !== "" && existsSync(path) ? path : null;
}

async function isRootWithApt(): Promise<boolean> {
  return Deno.build.os === "linux" && Deno.uid() === 0 &&
    existsSync("/usr/bin/apt-get") &&
    await run("apt-get", ["--version"]);
}

async function run(command: string, args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, {
    args,
    stdout: "null",
    stderr: "inherit",
  }).output();
  return success;
}
