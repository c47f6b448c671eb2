/**
 * The pages that packages ship: each is one HTML file, made of a template, a style and a script bundled from the package's
 * sources. The template's policy admits that style and that script by their digests, and nothing else, so that the page connects
 * to nothing.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Folders of pages in packages. Each gives its name to the file below `dist`. */
const FOLDERS = ["inspect", "playground"];

/**
 * Returns the pages of the package in `folder`: the name of each file, and its text.
 *
 * @param {string} folder
 * @returns {Promise<readonly (readonly [name: string, text: string])[]>}
 */
export function pagesOf(folder) {
  const sources = FOLDERS.filter((source) => existsSync(join(folder, source, "page.html")));
  return Promise.all(sources.map(async (source) => [`${source}.html`, await pageIn(join(folder, source))]));
}

async function pageIn(source) {
  const [script, style] = await Promise.all(["page.ts", "page.css"].map((name) => bundled(join(source, name))));
  const parts = { SCRIPT: script, STYLE: style, SCRIPT_DIGEST: digestOf(script), STYLE_DIGEST: digestOf(style) };
  return readFileSync(join(source, "page.html"), "utf8").replace(/%(SCRIPT|STYLE|SCRIPT_DIGEST|STYLE_DIGEST)%/g, (_, name) => parts[name]);
}

async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    conditions: ["void-source"],
    target: "es2022",
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

function digestOf(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
