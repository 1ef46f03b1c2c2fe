// The first room: the plan, read by everybody and kept by its officers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check, violations } from "../lib/check.mjs";
import { house, signIn, visitor } from "../lib/house.mjs";

export default function suite() {
  for (const size of ["desk", "phone"]) {
    test(`from the home page to a project and its note, ${size}`, async () => {
      const someone = await visitor({ size });
      await someone.go("/");
      const { page } = someone;
      if (size === "phone") await page.locator("[data-navtoggle]").click();
      await page.locator("#navigazione").getByRole("link", { name: "Piano", exact: true }).click();
      await page.waitForURL("**/piano**");
      await check(someone);
      await page.locator("main").getByRole("link", { name: /PR-V9|gestione integrata dei cantieri/i }).first().click();
      await page.waitForURL(/pr-v9/);
      await check(someone);
      const text = await page.innerText("main");
      for (const word of ["PR-V9", "29", "12"]) assert.ok(text.includes(word), `the project's page lacks ${word}`);
      await someone.go("/piano/2021/nota");
      await check(someone);
      await someone.close();
    });
  }

  test("the note is a document: HTML in the browser, PDF and ODT to keep", async () => {
    const someone = await visitor();
    // What is kept as a file is opened from its own address: the server sends it as a download.
    const kept = await someone.context.request.get(`${house.origin}/piano/2021/nota.html`);
    assert.equal(kept.status(), 200);
    await someone.page.setContent(await kept.text());
    assert.deepEqual(await violations(someone.page), []);
    for (const [path, kind, start] of [
      ["/piano/2021/nota.pdf", "application/pdf", "%PDF-"],
      ["/piano/2021/nota.odt", "application/vnd.oasis.opendocument.text", "PK"],
    ]) {
      const response = await someone.context.request.get(house.origin + path);
      assert.equal(response.status(), 200);
      assert.match(response.headers()["content-type"], new RegExp(kind.replaceAll(".", "\\.")));
      assert.ok((await response.body()).subarray(0, 5).toString("latin1").startsWith(start), path);
    }
    await someone.close();
  });

  test("declared and computed stand side by side, contradictions are shown", async () => {
    const someone = await visitor();
    await someone.go("/piano/2021");
    assert.match(await someone.page.innerText("main"), /[Dd]ichiarat[oi]/);
    assert.match(await someone.page.innerText("main"), /[Cc]alcolat[oi]/);
    await someone.close();
  });

  test("an officer changes a project; what is wrong stands beside its field and nothing typed is lost", async () => {
    const someone = await visitor();
    const { page } = someone;
    await signIn(someone, "ufficio-piano");
    // A draft edition is what officers edit; the demonstration's plan offers its pages from the management page.
    await someone.go("/piano/gestione");
    await check(someone);
    await someone.go("/piano/2021/pr-v9/modifica");
    await check(someone);
    const title = page.locator("main form [name=title], main form [name=titolo]").first();
    const before = await title.inputValue();
    assert.ok(before.length > 10);

    await title.fill("");
    const other = page.locator("main form textarea").first();
    const kept = await other.inputValue();
    await other.fill(`${kept} Frase aggiunta.`);
    await page.getByRole("button", { name: "Salva" }).click();
    await page.waitForLoadState("load");
    await check(someone);
    assert.ok((await page.locator("[aria-invalid=true]").count()) > 0, "no field is marked");
    assert.equal(await page.locator("main form textarea").first().inputValue(), `${kept} Frase aggiunta.`);

    const changed = `${before} (prova)`;
    await page.locator("main form [name=title], main form [name=titolo]").first().fill(changed);
    await page.locator("main form textarea").first().fill(kept);
    await page.getByRole("button", { name: "Salva" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/modifica"));
    await check(someone);
    await someone.go("/piano/2021/pr-v9");
    assert.match(await page.innerText("main"), /\(prova\)/);

    await someone.go("/piano/2021/pr-v9/modifica");
    await page.locator("main form [name=title], main form [name=titolo]").first().fill(before);
    await page.getByRole("button", { name: "Salva" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/modifica"));
    await someone.close();
  });

  test("who may not edit is not offered it and is refused", async () => {
    const someone = await visitor();
    await signIn(someone, "cittadina");
    await someone.go("/piano/2021/pr-v9");
    assert.equal(await someone.page.locator("a[href$='/modifica']").count(), 0);
    assert.equal(await someone.go("/piano/2021/pr-v9/modifica"), 403);
    await check(someone);
    await someone.close();
  });
}
