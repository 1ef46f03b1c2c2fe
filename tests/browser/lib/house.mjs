// The program under test and the browser, started once for all suites.
import { chromium } from "playwright-core";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const bin = process.env.BISENZIO_BIN || join(root, "target/debug/bisenzio");
const browserPath =
  process.env.BISENZIO_CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
export const pictures = process.env.BISENZIO_SCREENSHOTS || join(root, "target/screenshots");

/** Widths at which every page is looked at: a desk and a phone. */
export const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=it-IT",
];

export const house = { origin: "", borgo: "", browser: null, routes: [], server: null, data: "" };

/** The program under test. */
export const program = () => bin;

export async function open() {
  if (!existsSync(bin)) throw new Error(`${bin} is not built: cargo build --workspace --bin bisenzio`);
  if (!browserPath) throw new Error("no Chromium: apt install chromium, or set BISENZIO_CHROMIUM");
  mkdirSync(pictures, { recursive: true });
  house.data = mkdtempSync(join(tmpdir(), "bisenzio-browser-"));
  house.routes = execFileSync(bin, ["routes", "--json"], { encoding: "utf8" }).trim().split("\n").map((line) => JSON.parse(line));
  const port = await start();
  house.origin = `http://localhost:${port}`;
  house.borgo = `http://borgo.localhost:${port}`;
  // The browser's own parts (date fields) speak Italian too.
  house.browser = await chromium.launch({ executablePath: browserPath, args: FLAGS, env: { ...process.env, LANGUAGE: "it", LANG: "it_IT.UTF-8" } });
}

export async function close() {
  house.closing = true;
  await house.browser?.close();
  house.server?.kill("SIGTERM");
  if (house.data) rmSync(house.data, { recursive: true, force: true });
}

/** Starts the demonstration on a free port and answers it when it listens. */
function start() {
  return new Promise((resolve, reject) => {
    const server = spawn(bin, ["demo", "--port", "0", "--data", house.data], { stdio: ["ignore", "pipe", "inherit"] });
    house.server = server;
    let said = "";
    server.stdout.on("data", (bytes) => {
      said += bytes;
      const found = /running: http:\/\/localhost:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    });
    server.on("exit", (code, signal) => {
      const why = `the program ended with ${signal ?? code}: ${said}`;
      if (house.browser && !house.closing) console.error(why);
      reject(new Error(why));
    });
  });
}

/**
 * A fresh browser profile. What goes wrong on its pages is kept in `faults`: errors on the console, failing scripts,
 * what the content security policy blocked, requests to another server, answers of 500.
 */
export async function visitor({ size = "desk", scripts = true, lang = "it" } = {}) {
  const context = await house.browser.newContext({
    viewport: SIZES[size], javaScriptEnabled: scripts, locale: lang === "it" ? "it-IT" : "en-GB",
    hasTouch: size === "phone", isMobile: size === "phone", reducedMotion: "reduce",
  });
  const faults = [];
  const own = [house.origin, house.borgo];
  context.on("page", (page) => {
    page.on("console", (message) => {
      // The browser itself reports each 4xx page as an error; the suites that open one look at its status.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(`${page.url()}: console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${page.url()}: script: ${error.message}`));
    page.on("response", (response) => {
      if (response.status() >= 500) faults.push(`${response.url()}: ${response.status()}`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && !own.includes(url.origin)) faults.push(`${page.url()} asks ${request.url()}`);
    });
  });
  if (scripts) {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => console.error(`blocked by policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
  }
  if (lang !== "it") await context.addCookies([{ name: "bisenzio_lang", value: lang, url: house.origin }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return {
    context, page, faults,
    /** Opens a path of the first city and answers the status. */
    go: async (path) => (await page.goto(path.startsWith("http") ? path : house.origin + path, { waitUntil: "load", timeout: 60_000 }))?.status(),
    close: () => context.close(),
  };
}

/** Enters as one of the demonstration's people, by the page that a newcomer would use. */
export async function signIn(someone, username) {
  await someone.go("/demo");
  await someone.page.locator(`button[name=username][value="${username}"]`).click();
  await someone.page.waitForURL((url) => url.pathname !== "/demo");
}

/** Waits until every map on the page has drawn and every script has settled. */
export async function settled(page) {
  await page.waitForLoadState("load");
  const maps = await page.locator("[data-map]").count();
  for (let number = 0; number < maps; number += 1) {
    await page.locator("[data-map]").nth(number).scrollIntoViewIfNeeded();
    await page.waitForFunction((n) => document.querySelectorAll("[data-map]")[n]?.dataset.ready === "true", number, { timeout: 30_000 });
  }
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
