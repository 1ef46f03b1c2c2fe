// The third room: the situation room, for staff.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../lib/check.mjs";
import { settled, signIn, visitor } from "../lib/house.mjs";

export default function suite() {
  for (const size of ["desk", "phone"]) {
    test(`an officer's view of the day, ${size}`, async () => {
      const someone = await visitor({ size });
      await signIn(someone, "ufficio-cantieri");
      assert.equal(await someone.go("/situation-room"), 200);
      await settled(someone.page);
      await check(someone);
      const text = await someone.page.innerText("main");
      assert.match(text, /\d/, "no counters");
      assert.ok((await someone.page.locator("[data-map]").count()) > 0, "no map");
      await someone.close();
    });
  }

  test("every state of the room has an address", async () => {
    const someone = await visitor();
    await signIn(someone, "ufficio-cantieri");
    await someone.go("/situation-room");
    const days = someone.page.locator("main a[href*='giorno=']");
    if ((await days.count()) > 0) {
      const href = await days.first().getAttribute("href");
      await days.first().click();
      await someone.page.waitForURL((url) => url.href.endsWith(href.replaceAll("&amp;", "&")) || url.searchParams.has("giorno"));
      await check(someone);
    }
    await someone.page.reload();
    await check(someone);
    await someone.close();
  });

  test("nobody else enters: strangers are sent to sign in and come back, citizens are told", async () => {
    const stranger = await visitor();
    await stranger.go("/situation-room");
    assert.equal(new URL(stranger.page.url()).pathname, "/accesso");
    await check(stranger);
    await stranger.close();
    const citizen = await visitor();
    await signIn(citizen, "cittadina");
    assert.equal(await citizen.go("/situation-room"), 403);
    await check(citizen);
    await citizen.close();
  });
}
