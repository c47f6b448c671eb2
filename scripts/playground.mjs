/**
 * The playground of a package as one HTML file: its page, style and bundled script, and a policy that lets nothing but
 * these two run and nothing be fetched.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Returns the text of the playground of the package in `folder`; undefined if it has none.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export async function playground(folder) {
  const source = join(folder, "src", "playground");
  if (!existsSync(join(source, "page.html"))) return undefined;
  const [script, style] = await Promise.all(["main.ts", "page.css"].map((name) => minified(join(source, name))));
  const parts = {
    POLICY: `default-src 'none'; script-src ${sourceOf(script)}; style-src ${sourceOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`,
    STYLE: style,
    SCRIPT: script,
  };
  return readFileSync(join(source, "page.html"), "utf8").replace(/%(POLICY|STYLE|SCRIPT)%/g, (_, name) => parts[name]);
}

async function minified(entry) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, minify: true, format: "iife", platform: "browser", conditions: ["void-source"], target: "es2022" });
  return outputFiles[0].text.trim();
}

function sourceOf(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
