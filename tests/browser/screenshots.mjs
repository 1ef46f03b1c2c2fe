// Pictures of the real product for the README, into docs/images.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { close, open, root, settled, signIn, visitor } from "./lib/house.mjs";

const folder = join(root, "docs/images");
mkdirSync(folder, { recursive: true });

async function picture(someone, path, name, height) {
  await someone.page.setViewportSize({ width: someone.page.viewportSize().width, height });
  await someone.go(path);
  await settled(someone.page);
  await someone.page.evaluate(() => window.scrollTo(0, 0));
  // Tiles and labels fade in after the map says that it is ready.
  await someone.page.waitForTimeout(1500);
  await someone.page.screenshot({ path: join(folder, `${name}.png`) });
}

await open();
try {
  const someone = await visitor();
  await picture(someone, "/", "home", 1180);
  await picture(someone, "/cantieri?giorno=2013-10-19", "cantieri", 1240);
  await picture(someone, "/piano/2021", "piano", 1100);
  await picture(someone, "/piano/2021/pr-v9", "progetto", 1100);
  await picture(someone, "/grafo", "grafo", 1000);
  await picture(someone, "/grafo/cose/urn:ngsi-ld:WifiPointOfInterest:prato:wifi-piazza-del-duomo", "grafo-cosa", 1240);
  await signIn(someone, "ufficio-cantieri");
  await picture(someone, "/situation-room", "situation-room", 1240);
  await someone.close();
  const phone = await visitor({ size: "phone" });
  await picture(phone, "/cantieri?giorno=2013-10-19", "telefono", 844);
  await phone.close();
} finally {
  await close();
}
