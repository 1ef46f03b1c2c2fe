// What is in the city graph, for people: a sensor with a past, who is told of changes, where else data come from.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { check } from "../lib/check.mjs";
import { house, program, signIn, visitor } from "../lib/house.mjs";

const SENSOR = "urn:ngsi-ld:Device:prato:serraglio";

/** Writes as a program would: a sensor with five measures, a subscriber that cannot be reached, a source. */
async function fill() {
  const token = execFileSync(program(), ["token", "create", "--demo", "--data", house.data], { encoding: "utf8" }).trim().split(/\s+/).at(-1);
  const send = async (method, path, body) => {
    const response = await fetch(house.origin + path, {
      method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    assert.ok(response.ok || response.status === 409, `${method} ${path}: ${response.status} ${await response.text()}`);
  };
  for (const [hour, value] of [[7, 18.5], [8, 19.25], [9, 21], [10, 22.5], [11, 22]]) {
    await send("POST", "/ngsi-ld/v1/entityOperations/upsert", [{
      id: SENSOR, type: "Device",
      name: { type: "LanguageProperty", languageMap: { it: "Sensore del Serraglio", en: "Serraglio sensor" } },
      temperature: {
        type: "Property", value, unitCode: "CEL", observedAt: `2026-03-11T${String(hour).padStart(2, "0")}:00:00Z`,
        accuracy: { type: "Property", value: 0.5 },
      },
      status: { type: "Property", value: `controllo delle ${hour}` },
      placedIn: { type: "Relationship", object: "urn:ngsi-ld:PointOfInterest:prato:piazza-del-duomo" },
      location: { type: "GeoProperty", value: { type: "Point", coordinates: [11.0968, 43.8829] } },
    }]);
  }
  await send("POST", "/ngsi-ld/v1/subscriptions", {
    id: "urn:ngsi-ld:Subscription:serraglio", type: "Subscription", subscriptionName: "Centrale meteo",
    entities: [{ type: "Device" }], watchedAttributes: ["temperature"],
    notification: { endpoint: { uri: "http://meteo.example/avvisi" } },
  });
  await send("POST", "/ngsi-ld/v1/csourceRegistrations", {
    id: "urn:ngsi-ld:ContextSourceRegistration:aria", type: "ContextSourceRegistration", registrationName: "Qualità dell'aria",
    endpoint: "http://aria.example", information: [{ entities: [{ type: "AirQualityObserved" }], propertyNames: ["PM10"] }],
  });
}

export default function suite() {
  for (const size of ["desk", "phone"]) {
    test(`from the list of types to a thing, its chart and its links, ${size}`, async () => {
      await fill();
      const someone = await visitor({ size });
      const { page } = someone;
      await someone.go("/grafo");
      await check(someone);
      await page.locator("main").getByRole("searchbox").fill("serraglio");
      await page.locator("main").getByRole("button", { name: "Cerca", exact: true }).click();
      await page.waitForURL("**/grafo?q=serraglio");
      await check(someone);
      await page.locator("main").getByRole("link", { name: "Sensore del Serraglio" }).click();
      await page.waitForURL("**/grafo/cose/**");
      await check(someone);
      assert.match(await page.innerText("main"), /22\u00a0°C/);
      assert.ok(await page.locator("[data-chart] canvas").first().isVisible(), "no chart");
      await page.locator("main").getByRole("link", { name: "Piazza del Duomo" }).click();
      await page.waitForURL("**piazza-del-duomo");
      await check(someone);
      assert.ok(await page.locator("main").getByRole("link", { name: "Sensore del Serraglio" }).isVisible(), "no link back");
      await someone.go("/grafo/tipi/CityWork");
      await check(someone);
      assert.equal(await someone.go("/grafo/cose/urn:ngsi-ld:Device:prato:nessuno"), 404);
      await check(someone);
      await someone.close();
    });

    test(`an officer pauses, resumes and deletes a subscription, ${size}`, async () => {
      await fill();
      const someone = await visitor({ size });
      const { page } = someone;
      await signIn(someone, "amministratore");
      await someone.go("/grafo/fonti");
      await check(someone);
      assert.match(await page.innerText("main"), /Qualità dell'aria/);
      await someone.go("/grafo/iscrizioni");
      await check(someone);
      await page.locator("main").getByRole("link", { name: "Centrale meteo" }).click();
      await page.waitForURL("**/grafo/iscrizioni/**");
      await page.getByRole("button", { name: "Metti in pausa" }).click();
      await page.getByText("Iscrizione in pausa.").waitFor();
      await check(someone);
      await page.getByRole("button", { name: "Riprendi" }).click();
      await page.getByText("Iscrizione ripresa.").waitFor();
      await page.getByRole("link", { name: "Elimina" }).click();
      await page.waitForURL("**/elimina");
      await check(someone);
      await page.getByRole("button", { name: "Elimina" }).click();
      await page.getByText("Iscrizione eliminata.").waitFor();
      await someone.close();
    });
  }

  for (const size of ["desk", "phone"]) {
    test(`a rule is written, tried, corrected and deleted, ${size}`, async () => {
      await fill();
      const someone = await visitor({ size });
      const { page } = someone;
      const main = page.locator("main");
      await signIn(someone, "amministratore");
      await someone.go("/grafo/regole");
      await check(someone);
      await main.getByRole("link", { name: "Nuova regola" }).click();
      await page.waitForURL("**/grafo/regole/nuova");
      await check(someone);
      await main.getByRole("button", { name: "Salva" }).click();
      await main.getByText("Occorre correggere alcuni campi").waitFor();
      await check(someone);
      await main.getByLabel("A che cosa serve").fill("Le stazioni di misura sono degli uffici");
      await main.getByLabel("Stazione di misura").check();
      await main.getByLabel("Solo alcuni dei loro dati").fill("Temperatura");
      await main.locator("input[name=readers][value=alcuni]").check();
      await main.locator("input[name=readers_who][value=officer]").check();
      await main.getByRole("button", { name: "Salva" }).click();
      await page.getByText("Regola salvata.").waitFor();
      await check(someone);
      assert.match(await main.innerText(), /solo questi dati: Temperatura/);
      await main.getByLabel("Ruolo").selectOption({ label: "Chi non è entrato" });
      await main.getByRole("button", { name: "Prova" }).click();
      await page.waitForURL("**come=nessuno**");
      await check(someone);
      assert.match(await main.innerText(), /senza: Temperatura/);
      const unknown = await visitor({ size });
      await unknown.go(`/grafo/cose/${SENSOR}`);
      assert.doesNotMatch(await unknown.page.innerText("main"), /Temperatura/);
      await unknown.close();
      await main.getByRole("link", { name: "Elimina" }).click();
      await page.waitForURL("**/elimina");
      await check(someone);
      await main.getByRole("button", { name: "Elimina" }).click();
      await page.getByText("Regola eliminata.").waitFor();
      await someone.close();
    });
  }

  test("without scripts the same is there", async () => {
    await fill();
    const someone = await visitor({ scripts: false });
    await someone.go(`/grafo/cose/${SENSOR}`);
    const text = await someone.page.innerText("main");
    for (const word of ["Sensore del Serraglio", "21", "controllo delle 10", "Piazza del Duomo"]) assert.ok(text.includes(word), word);
    await someone.close();
  });
}
