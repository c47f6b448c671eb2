/**
 * The page `inspect.html` of the macaroons package: one file out of `inspect/`, made of the package's sources. Its policy names
 * the digest of its one style and its one script, and nothing else, so that it connects to nothing.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Returns the page of the package in `folder`, or undefined if the package has none.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export async function inspectPage(folder) {
  const source = join(folder, "inspect");
  if (!existsSync(source)) return undefined;
  const script = await bundled(join(source, "page.ts"));
  const style = await bundled(join(source, "page.css"));
  const policy = `default-src 'none'; script-src ${digestOf(script)}; style-src ${digestOf(style)}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  const parts = { POLICY: policy, STYLE: style, SCRIPT: script };
  return readFileSync(join(source, "page.html"), "utf8").replace(/\b(?:POLICY|STYLE|SCRIPT)\b/g, (name) => parts[name]);
}

async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
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
