// Builds web/dist: bundles the TypeScript and styles, copies fonts and icons from the npm packages that carry
// them, and writes manifest.json (logical name -> name with content hash in the query).
import { build, context } from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const modules = join(root, "node_modules");
const bootstrapItalia = join(modules, "bootstrap-italia");
const titillium = join(modules, "@expo-google-fonts/titillium-web");
const watch = process.argv.includes("--watch");

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);

/** Copies one file, creating folders on the way. */
async function copy(from, to) {
  const target = join(dist, to);
  await mkdir(dirname(target), { recursive: true });
  await cp(from, target);
}

/** Web fonts for pages and TrueType files for the document generator. */
async function fonts() {
  const italia = join(bootstrapItalia, "dist/fonts");
  const web = [
    ["Titillium_Web/titillium-web-v10-latin-ext_latin-regular", "titillium-400"],
    ["Titillium_Web/titillium-web-v10-latin-ext_latin-italic", "titillium-400i"],
    ["Titillium_Web/titillium-web-v10-latin-ext_latin-600", "titillium-600"],
    ["Titillium_Web/titillium-web-v10-latin-ext_latin-700", "titillium-700"],
    ["Lora/lora-v20-latin-ext_latin-regular", "lora-400"],
    ["Lora/lora-v20-latin-ext_latin-italic", "lora-400i"],
    ["Lora/lora-v20-latin-ext_latin-700", "lora-700"],
    ["Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular", "roboto-mono-400"],
  ];
  for (const [file, name] of web) await copy(join(italia, `${file}.woff2`), `fonts/${name}.woff2`);

  const weights = ["300Light", "300Light_Italic", "400Regular", "400Regular_Italic", "600SemiBold",
    "600SemiBold_Italic", "700Bold", "700Bold_Italic"];
  for (const weight of weights) {
    await copy(join(titillium, weight, `TitilliumWeb_${weight}.ttf`), `fonts/ttf/TitilliumWeb_${weight}.ttf`);
  }
  for (const style of ["regular", "italic", "700", "700italic"]) {
    await copy(join(italia, `Lora/lora-v20-latin-ext_latin-${style}.ttf`), `fonts/ttf/Lora_${style}.ttf`);
  }
  for (const style of ["regular", "700"]) {
    await copy(join(italia, `Roboto_Mono/roboto-mono-v13-latin-ext_latin-${style}.ttf`), `fonts/ttf/RobotoMono_${style}.ttf`);
  }
  await copy(join(titillium, "LICENSE_FONT"), "fonts/LICENSE-TitilliumWeb.txt");
  await copy(join(italia, "Roboto_Mono/LICENSE.txt"), "fonts/LICENSE-RobotoMono.txt");
  const lora = await readdir(join(italia, "Lora"));
  const licence = lora.find((name) => /licen|ofl/i.test(name));
  if (licence) await copy(join(italia, "Lora", licence), "fonts/LICENSE-Lora.txt");
}

/** One sprite: Bootstrap Italia's symbols and our own (road signs, severities, the mark). */
async function sprites() {
  const theirs = await readFile(join(bootstrapItalia, "dist/svg/sprites.svg"), "utf8");
  const ours = await readFile(join(root, "assets/symbols.svg"), "utf8");
  const symbols = ours.slice(ours.indexOf("<symbol"), ours.lastIndexOf("</symbol>") + "</symbol>".length);
  const end = theirs.lastIndexOf("</svg>");
  if (end < 0 || symbols.length === 0) throw new Error("sprites: unexpected SVG structure");
  await writeFile(join(dist, "sprites.svg"), `${theirs.slice(0, end)}${symbols}</svg>`);
  for (const name of ["favicon.svg", "logo.svg"]) await copy(join(root, "assets", name), name);
}

async function files(folder) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await files(path)));
    else found.push(path);
  }
  return found.sort();
}

/** Font URLs in the style sheets carry the same hash as the page's preload links, so no font loads twice. */
async function hashFonts() {
  for (const sheet of ["app.css", "map.css"]) {
    const path = join(dist, sheet);
    let css = await readFile(path, "utf8");
    for (const file of await files(join(dist, "fonts"))) {
      const name = relative(dist, file);
      if (name.endsWith(".woff2")) css = css.replaceAll(`./${name}`, `./${name}?v=${hash(await readFile(file))}`);
    }
    await writeFile(path, css);
  }
}

async function manifest() {
  const names = {};
  for (const path of await files(dist)) {
    const name = relative(dist, path);
    if (name !== "manifest.json") names[name] = `${name}?v=${hash(await readFile(path))}`;
  }
  await writeFile(join(dist, "manifest.json"), JSON.stringify(names, null, 1));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await fonts();
await sprites();

// The worker is a file of its own beside map.js; its hash travels in the URL so that caches never mix versions.
const worker = join(modules, "maplibre-gl/dist/maplibre-gl-worker.mjs");
const workerText = (await readFile(worker, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, "");
await writeFile(join(dist, "map-worker.js"), workerText);

// Bootstrap Italia's sheet carries the styles of a video player and a carousel that no page has, and a font inside a
// data: URL that the content policy would refuse.
const leanBootstrap = {
  name: "lean-bootstrap-italia",
  setup(bundler) {
    bundler.onLoad({ filter: /bootstrap-italia\.min\.css$/ }, async ({ path }) => ({
      contents: dropRules(await readFile(path, "utf8"), /\.(video-js|vjs-|splide|video-player)|VideoJS/),
      loader: "css",
    }));
  },
};

/** Leaves out the rules whose every selector (or, for a font, whose body) matches. */
function dropRules(css, unwanted) {
  let kept = "";
  let from = 0;
  while (from < css.length) {
    const open = css.indexOf("{", from);
    if (open < 0) return kept + css.slice(from);
    let depth = 1;
    let end = open + 1;
    for (; depth > 0 && end < css.length; end += 1) {
      if (css[end] === "{") depth += 1;
      else if (css[end] === "}") depth -= 1;
    }
    const head = css.slice(from, open);
    const body = css.slice(open + 1, end - 1);
    if (/^\s*@(media|supports)/.test(head)) {
      const inner = dropRules(body, unwanted);
      if (inner.trim()) kept += `${head}{${inner}}`;
    } else {
      const selectors = head.startsWith("@font-face") ? [body] : head.split(",");
      if (!selectors.every((part) => unwanted.test(part))) kept += css.slice(from, end);
    }
    from = end;
  }
  return kept;
}

const options = {
  absWorkingDir: root,
  entryPoints: {
    boot: "src/boot.ts",
    app: "src/app.ts",
    map: "src/map/index.ts",
    chart: "src/chart/index.ts",
  },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  outdir: "dist",
  legalComments: "linked",
  loader: { ".woff2": "file" },
  external: ["./fonts/*"],
  define: { WORKER_FILE: JSON.stringify(`map-worker.js?v=${hash(workerText)}`) },
  logLevel: "warning",
};
const styles = {
  ...options,
  entryPoints: { app: "src/styles/app.css", map: "src/styles/map.css", chart: "src/styles/chart.css" },
  format: undefined,
  plugins: [leanBootstrap],
  // Bootstrap Italia's selectors are kept as they are; only its own warnings would be noise here.
  logLevel: "error",
};

await build(styles);
await hashFonts();
if (watch) {
  const watching = await context({ ...options, plugins: [{ name: "manifest", setup: (b) => b.onEnd(manifest) }] });
  await watching.watch();
} else {
  await build(options);
  await manifest();
  for (const name of ["app.js", "app.css", "map.js", "map.css", "chart.js", "map-worker.js", "sprites.svg"]) {
    const bytes = await readFile(join(dist, name));
    console.log(`${name.padEnd(16)} ${(bytes.length / 1024).toFixed(0).padStart(6)} kB`);
  }
}
