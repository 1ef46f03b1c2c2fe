// Every kind of page the house has, found by walking its links, at a desk and on a phone: nothing wrong with any.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wrongs } from "../lib/check.mjs";
import { house, signIn, visitor } from "../lib/house.mjs";

/** The route (as declared) that a path belongs to; the most exact of those that match. */
function routeOf(path) {
  const parts = path.split("/");
  return house.routes
    .filter((route) => route.method === "GET" && route.kind === "page")
    .filter((route) => {
      const own = route.path.split("/");
      if (own.length !== parts.length) return false;
      return own.every((part, n) => {
        const [open, close] = [part.indexOf("{"), part.indexOf("}")];
        return open < 0 ? part === parts[n] : parts[n].length > 0 && parts[n].startsWith(part.slice(0, open)) && parts[n].endsWith(part.slice(close + 1));
      });
    })
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
}

/** One address per kind of page that can be reached by links, breadth first, without opening downloads. */
async function kinds(someone, starts) {
  const [found, seen, queue] = [new Map(), new Set(starts), [...starts]];
  while (queue.length > 0 && seen.size < 4000) {
    const path = queue.shift();
    const route = routeOf(path.split("?")[0])?.path;
    if (!route || found.has(route) || /^\/lingua/.test(route)) continue;
    const response = await someone.context.request.get(house.origin + path, { maxRedirects: 0 });
    if (!(response.headers()["content-type"] ?? "").includes("text/html") || response.status() >= 300) continue;
    if (/attachment/.test(response.headers()["content-disposition"] ?? "")) continue;
    const html = await response.text();
    // The note is a document of its own, without the city's frame; its suite looks at it.
    if (!html.includes("/assets/app.css")) continue;
    found.set(route, path);
    for (const [, link] of html.matchAll(/href="(\/[^"#]*)/g)) {
      const clean = link.replaceAll("&amp;", "&").replaceAll("&#38;", "&");
      if (!clean.startsWith("/assets/") && !clean.startsWith("//") && !seen.has(clean)) {
        seen.add(clean);
        queue.push(clean);
      }
    }
  }
  return found;
}

const STARTS = ["/", "/grafo", "/cantieri", "/piano", "/mappa", "/cerca?q=via", "/cerca?q=zzzz", "/accesso", "/demo"];
const STAFF = ["/grafo/iscrizioni", "/grafo/fonti", "/grafo/regole", "/situation-room", "/piano/gestione", "/profilo", "/amministrazione/utenti", "/amministrazione/registro"];

async function walk(who, size, lang = "it") {
  const someone = await visitor({ size, lang });
  if (who) await signIn(someone, who);
  const pages = await kinds(someone, who ? [...STAFF, ...STARTS] : STARTS);
  const found = [];
  for (const path of pages.values()) {
    await someone.go(path);
    found.push(...(await wrongs(someone)).map((what) => `${path}: ${what}`));
  }
  await someone.close();
  assert.deepEqual(found, [], `${found.length} on ${pages.size} pages:\n${found.join("\n")}`);
  return pages;
}

export default function suite() {
  for (const size of ["desk", "phone"]) {
    test(`everybody's pages, ${size}`, async () => {
      const pages = await walk("", size);
      assert.ok(pages.size >= 10, `only ${pages.size} kinds: ${[...pages.keys()]}`);
    });
    test(`an administrator's pages, ${size}`, async () => {
      const pages = await walk("amministratore", size);
      assert.ok(pages.size >= 20, `only ${pages.size} kinds: ${[...pages.keys()]}`);
    });
  }
  test("everybody's pages in English", () => walk("", "desk", "en"));

  test("a page that is not there helps", async () => {
    const someone = await visitor();
    assert.equal(await someone.go("/non-esiste"), 404);
    assert.deepEqual(await wrongs(someone), []);
    assert.ok((await someone.page.locator("main a").count()) > 0, "it leads nowhere");
    await someone.close();
  });

  test("the second city has pages of its own", async () => {
    const someone = await visitor({ size: "phone" });
    for (const path of ["/", "/piano", "/cantieri"]) {
      assert.equal(await someone.go(house.borgo + path), 200);
      assert.deepEqual(await wrongs(someone), []);
      assert.match(await someone.page.innerText("body"), /Borgo San Lazzaro/);
    }
    await someone.close();
  });
}
