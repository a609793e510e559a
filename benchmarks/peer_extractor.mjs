// Another extractor's text of each labelled page, for `benchmarks.extractor_table`: Readability.js or Defuddle.
//
//     npm install @mozilla/readability linkedom defuddle
//     node peer_extractor.mjs readability|defuddle PAGES > OUTPUTS.jsonl
//
// Writes the lines that peer_extractor.py writes. Run it in the directory where npm installed the packages.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const require = createRequire(join(process.cwd(), "package.json"));
const { parseHTML } = require("linkedom");
const [extractor, pages] = process.argv.slice(2);

function decode(page) {
  const declared = [...page.subarray(0, 20000).toString("latin1").matchAll(/charset=["']?([\w-]+)/g)].map((m) => m[1]);
  for (const label of ["utf-8", ...declared, "windows-1252"]) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(page);
    } catch {
      continue;
    }
  }
  return new TextDecoder("utf-8").decode(page);
}

const BLOCKS = "p,li,h1,h2,h3,h4,h5,h6,div,br,tr,td,th,pre,section,article,blockquote,dd,dt,figcaption";

function textOf(html) {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
  for (const element of document.querySelectorAll(BLOCKS)) element.after("\n"), element.before("\n");
  return document.body.textContent;
}

async function extract(html, url) {
  if (extractor === "readability") {
    const { Readability } = require("@mozilla/readability");
    const { document } = parseHTML(html);
    return textOf(new Readability(document).parse()?.content ?? "");
  }
  const { Defuddle } = await import(pathToFileURL(join(process.cwd(), "node_modules/defuddle/dist/node.js")));
  return textOf((await Defuddle(html, url ?? "https://example.org/")).content ?? "");
}

console.log = console.warn = console.error = () => {};
for (const set of readdirSync(pages).sort()) {
  for (const file of readdirSync(join(pages, set)).filter((name) => name.endsWith(".json")).sort()) {
    const labelled = JSON.parse(readFileSync(join(pages, set, file), "utf8"));
    if (labelled.gold_text === null || labelled.gold_text === undefined) continue;
    const html = decode(gunzipSync(readFileSync(join(pages, set, file.replace(/\.json$/, ".html.gz")))));
    const line = { name: `${set}/${file.slice(0, -5)}`, text: "" };
    const start = process.cpuUsage();
    try {
      line.text = await extract(html, labelled.url);
    } catch (error) {
      line.error = String(error.message);
    }
    const used = process.cpuUsage(start);
    line.seconds = (used.user + used.system) / 1e6;
    process.stdout.write(JSON.stringify(line) + "\n");
  }
}
