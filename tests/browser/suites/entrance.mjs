// Entering and leaving, language, search, keyboard, and life without scripts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../lib/check.mjs";
import { house, signIn, visitor } from "../lib/house.mjs";

export default function suite() {
  test("a newcomer enters as somebody and leaves again", async () => {
    const someone = await visitor();
    const { page } = someone;
    await someone.go("/");
    await page.getByRole("link", { name: "Entra come" }).first().click();
    await check(someone);
    await page.locator("button[name=username][value='ufficio-piano']").click();
    await page.waitForURL((url) => url.pathname !== "/demo");
    assert.match(await page.innerText("header"), /Lucia Ferranti/);
    assert.match(await page.innerText("header"), /Gestione del piano/);
    await check(someone);
    await page.locator("details.bz-user summary").click();
    await page.getByRole("button", { name: "Esci" }).click();
    await page.waitForLoadState("load");
    assert.doesNotMatch(await page.innerText("header"), /Lucia Ferranti/);
    await someone.close();
  });

  test("a wrong password is said beside the form, without telling which half was wrong", async () => {
    const someone = await visitor();
    const { page } = someone;
    await someone.go("/accesso");
    await page.locator("main form input[name=username], main form input[name=utente]").first().fill("nessuno");
    await page.locator("main form input[type=password]").fill("una frase qualunque");
    await page.locator("main form button[type=submit], main form button.btn-primary").first().click();
    await page.waitForLoadState("load");
    await check(someone);
    assert.equal(await page.locator("main form input[name=username], main form input[name=utente]").first().inputValue(), "nessuno");
    await someone.close();
  });

  test("the page follows the reader's language", async () => {
    const someone = await visitor();
    const { page } = someone;
    await someone.go("/piano");
    assert.equal(await page.getAttribute("html", "lang"), "it");
    await page.locator("nav.bz-lang a[hreflang=en]").click();
    await page.waitForLoadState("load");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    assert.equal(new URL(page.url()).pathname, "/piano");
    await check(someone);
    await someone.close();
  });

  test("one search finds streets, works and projects", async () => {
    const someone = await visitor();
    const { page } = someone;
    await someone.go("/");
    await page.locator("input[name=q]:visible").first().fill("pistoiese");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/cerca?q=pistoiese");
    await check(someone);
    assert.match(await page.innerText("main"), /Pistoiese/);
    await someone.go("/cerca?q=cantieri");
    assert.match(await page.innerText("main"), /PR-V9|gestione integrata/);
    await someone.close();
  });

  test("a keyboard reaches the content first and everything after it", async () => {
    const someone = await visitor();
    const { page } = someone;
    await someone.go("/");
    await page.keyboard.press("Tab");
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Vai al contenuto/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "contenuto");
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press("Tab");
      const hidden = await page.evaluate(() => {
        const own = document.activeElement;
        if (!own || own === document.body) return "";
        const box = own.getBoundingClientRect();
        return box.width > 0 && box.height > 0 ? "" : own.outerHTML.slice(0, 120);
      });
      assert.equal(hidden, "", "the focus is on something that cannot be seen");
    }
    await someone.close();
  });

  test("without scripts the pages read and the forms send", async () => {
    const someone = await visitor({ scripts: false });
    const { page } = someone;
    for (const path of ["/", "/cantieri", "/piano/2021", "/piano/2021/pr-v9", "/mappa"]) {
      assert.equal(await someone.go(path), 200, path);
      assert.ok((await page.innerText("main")).length > 100, path);
    }
    await someone.go("/cantieri");
    const form = page.locator("[data-days] form");
    await form.locator("input[type=date]").fill("2021-03-11");
    await form.locator("button").click();
    await page.waitForURL(/giorno=2021-03-11/);
    await signIn(someone, "ufficio-piano");
    await someone.go("/piano/2021/pr-v9/modifica");
    assert.ok((await page.locator("main form [name=_csrf]").count()) > 0);
    await page.getByRole("button", { name: "Salva" }).click();
    await page.waitForLoadState("load");
    assert.deepEqual(someone.faults, []);
    await someone.close();
  });

  test("pages name their own server only", async () => {
    const someone = await visitor();
    const html = await (await someone.context.request.get(`${house.origin}/`)).text();
    assert.doesNotMatch(html, /(src|action)="https?:\/\//);
    await someone.close();
  });
}
