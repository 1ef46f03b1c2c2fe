// The second room: works on the streets, for the person in front of a closed one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../lib/check.mjs";
import { house, settled, visitor } from "../lib/house.mjs";

/** A day on which the demonstration's past has works: the first that the page itself offers. */
async function busyDay(someone) {
  await someone.go("/cantieri");
  const { page } = someone;
  if ((await page.locator("#risultati [data-work]").count()) === 0) {
    await page.locator("#risultati a[href*='giorno=']").first().click();
    await page.waitForLoadState("load");
  }
  assert.ok((await page.locator("#risultati [data-work]").count()) > 0, "no works on the day that the page offers");
}

export default function suite() {
  for (const size of ["desk", "phone"]) {
    test(`from the home page to one of the works, ${size}`, async () => {
      const someone = await visitor({ size });
      const { page } = someone;
      await someone.go("/");
      if (size === "phone") await page.locator("[data-navtoggle]").click();
      await page.locator("#navigazione a[href='/cantieri']").first().click();
      await page.waitForURL("**/cantieri**");
      await busyDay(someone);
      await check(someone);
      await page.locator("#risultati .bz-works-title").first().click();
      await page.waitForURL(/\/cantieri\/[^?]+/);
      await check(someone);
      const text = await page.innerText("main");
      assert.match(text, /\d{4}/, "no date");
      assert.match(await page.innerText("h1"), /\S{4,}/);
      await someone.close();
    });
  }

  test("the map is worked by keyboard and the list says the same", async () => {
    const someone = await visitor();
    const { page } = someone;
    await busyDay(someone);
    await settled(page);
    const canvas = page.locator("[data-map] canvas").first();
    await canvas.focus();
    assert.ok(await canvas.evaluate((own) => own === document.activeElement), "the map takes no focus");
    const ring = page.locator(".bz-map-cursor").first();
    assert.ok(!(await ring.evaluate((own) => own.classList.contains("bz-keyboard"))), "the ring shows without keyboard");
    for (const key of ["ArrowRight", "ArrowUp", "+", "+", "-", "ArrowLeft", "ArrowDown"]) await page.keyboard.press(key);
    assert.ok(await ring.evaluate((own) => own.classList.contains("bz-keyboard")), "the ring does not follow the keyboard");
    // And out again: the map is no trap.
    await page.keyboard.press("Tab");
    assert.ok(await canvas.evaluate((own) => own !== document.activeElement), "the focus stays on the map");
    assert.deepEqual(someone.faults, []);
    await someone.close();
  });

  test("the day slider and the filters write one address that can be shared", async () => {
    const someone = await visitor();
    const { page } = someone;
    await busyDay(someone);
    const before = new URL(page.url());
    const slider = page.locator("[data-days] input[type=range], [data-days] [role=slider]").first();
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL((url) => url.searchParams.get("giorno") !== before.searchParams.get("giorno"));
    const shared = page.url();
    const titles = await page.locator("#risultati .bz-works-title").allInnerTexts();
    await page.waitForTimeout(400);
    const other = await visitor();
    await other.go(shared);
    assert.deepEqual(await other.page.locator("#risultati .bz-works-title").allInnerTexts(), await page.locator("#risultati .bz-works-title").allInnerTexts(), titles.join());
    await other.close();
    await check(someone);
    await someone.close();
  });

  test("feeds and exports answer in their own kinds", async () => {
    const someone = await visitor();
    await busyDay(someone);
    const hrefs = await someone.page.locator("section[aria-labelledby=formati] a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    const wanted = { geojson: /geo\+json|application\/json/, ics: /text\/calendar/, rss: /rss\+xml|application\/xml/, csv: /text\/csv/ };
    for (const [ending, kind] of Object.entries(wanted)) {
      const href = hrefs.find((link) => link.split("?")[0].includes(ending));
      assert.ok(href, `no link to ${ending} among ${hrefs}`);
      const response = await someone.context.request.get(house.origin + href);
      assert.equal(response.status(), 200, href);
      assert.match(response.headers()["content-type"], kind, href);
    }
    await someone.close();
  });
}
