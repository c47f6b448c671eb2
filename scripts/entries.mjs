/**
 * The entry points of a package, read from its manifest: what `exports` names, and its command. The JavaScript, the
 * declarations and the page that loads everything in a browser are made from this one list.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The condition by which tests and types of this repository read sources in place of a build. */
const SOURCE = "void-source";

/**
 * Returns the public entry points of the package in `folder`, from subpath (`"./node"`) to source file.
 *
 * @param {string} folder
 * @returns {Record<string, string>}
 */
export function publicEntries(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.fromEntries(Object.entries(exports).flatMap(([subpath, target]) => (target[SOURCE] ? [[subpath, target[SOURCE]]] : [])));
}

/**
 * Returns every module to build, from its name below `dist` (without extension) to its source file.
 *
 * @param {string} folder
 * @returns {Record<string, string>}
 */
export function entries(folder) {
  const command = "./src/cli.ts";
  const sources = [...Object.values(publicEntries(folder)), ...(existsSync(join(folder, command)) ? [command] : [])];
  return Object.fromEntries(sources.map((file) => [file.replace("./src/", "").replace(/\.ts$/, ""), file]));
}
