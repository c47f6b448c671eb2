/**
 * The entry points of a package, read from its manifest: what `exports` names, and its command. The JavaScript, the
 * declarations and the page that loads everything in a browser are made from this one list.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The condition by which tests and types of this repository read sources in place of a build. */
const SOURCE = "void-source";

/**
 * Returns the folders of the packages below `root`. A folder without a manifest is what a checkout of another commit left.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function packageFolders(root) {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  return folders.filter((folder) => existsSync(join(folder, "package.json")));
}

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
 * Returns the public modules and the command of the package in `folder`, from name below `dist` to source file.
 *
 * @param {string} folder
 * @returns {Record<string, string>}
 */
export function publicModules(folder) {
  return named([...Object.values(publicEntries(folder)), ...["./src/cli.ts"].filter((file) => existsSync(join(folder, file)))]);
}

/**
 * Returns every module to build: the public ones, and the index of each room. A room becomes a module of its own, so that a
 * bundler can leave the whole of it out.
 *
 * @param {string} folder
 * @returns {Record<string, string>}
 */
export function modules(folder) {
  const rooms = readdirSync(join(folder, "src")).map((room) => `./src/${room}/index.ts`);
  return { ...publicModules(folder), ...named(rooms.filter((index) => existsSync(join(folder, index)))) };
}

function named(files) {
  return Object.fromEntries(files.map((file) => [file.replace("./src/", "").replace(/\.ts$/, ""), file]));
}
