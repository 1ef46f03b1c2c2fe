// What holds for every page: accessible, quiet, no wider than the screen.
import assert from "node:assert/strict";
import axe from "axe-core";
import { settled } from "./house.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

/** axe's violations on the page as it stands, in words: rule, what it asks, where. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const result = await page.evaluate((tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }), TAGS);
  return result.violations.flatMap((violation) =>
    violation.nodes.slice(0, 5).map((node) => `${violation.id} (${violation.help}) at ${node.target.join(" ")}: ${node.html.slice(0, 160)}`));
}

/** Everything wrong with the page that is open. */
export async function wrongs(someone) {
  const { page } = someone;
  await settled(page);
  const found = await violations(page);
  const basics = await page.evaluate(() => {
    const out = [];
    const excess = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (excess > 1) out.push(`wider than the screen by ${excess} pixels`);
    if (document.querySelectorAll("h1").length !== 1) out.push(`${document.querySelectorAll("h1").length} headings of the first level`);
    if (!document.documentElement.lang) out.push("does not say its language");
    if (!document.title.trim()) out.push("has no title");
    if (/urn:ngsi-ld:|undefined|\[object|NaN|None\b|Some\(/.test(document.querySelector("main")?.innerText ?? "")) {
      const text = document.querySelector("main").innerText;
      out.push(`shows something raw: ...${/.{0,30}(urn:ngsi-ld:|undefined|\[object|NaN|None\b|Some\().{0,30}/.exec(text)?.[0]}...`);
    }
    return out;
  });
  const faults = someone.faults.splice(0);
  return [...found, ...basics, ...faults];
}

/** Fails when anything is wrong with the page that is open. */
export async function check(someone) {
  const found = await wrongs(someone);
  assert.deepEqual(found, [], `${someone.page.url()}:\n${found.join("\n")}`);
}
