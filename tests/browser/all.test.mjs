// All suites against one running city. `BISENZIO_ONLY=plan npm test` runs a part.
import { after, before, describe } from "node:test";
import { readdirSync } from "node:fs";
import { close, open } from "./lib/house.mjs";

const only = process.env.BISENZIO_ONLY ?? "";
const suites = [];
for (const file of readdirSync(new URL("./suites", import.meta.url)).sort()) {
  if (file.includes(only)) suites.push([file.replace(".mjs", ""), (await import(`./suites/${file}`)).default]);
}

before(open, { timeout: 300_000 });
after(close);
for (const [name, suite] of suites) describe(name, suite);
