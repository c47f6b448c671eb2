/**
 * Makes a checkout ready, with nothing but Node itself: installs what the lock file names when it has changed, then builds
 * the JavaScript. `ensure.mjs` installs everything, for tests; `ensure.mjs run` only what the programs themselves need,
 * which is a third of the time.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Void needs Node.js >= 20.19, this is ${process.versions.node}`, 1);

const tree = installedTree();
// A checkout that has what tests need keeps it.
const forTests = process.argv[2] !== "run" || tree.hasTestTools;
if (!tree.isCurrent || forTests !== tree.hasTestTools) {
  say(`installing ${forTests ? "dependencies (once, about half a minute)" : "what running needs (once, about ten seconds)"}`);
  npm(["ci", forTests ? "--include=dev" : "--omit=dev", "--no-audit", "--no-fund", "--loglevel", "error"]);
}
say("building");
await import("./javascript.mjs");
say("built");

/** Returns what npm wrote down of its last installation: a current one is at least as new as the lock file. */
function installedTree() {
  const record = join(root, "node_modules", ".package-lock.json");
  const packages = existsSync(record) && packagesIn(readFileSync(record, "utf8"));
  if (!packages) return { isCurrent: false, hasTestTools: false };
  return {
    isCurrent: statSync(record).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs,
    hasTestTools: Object.values(packages).some(({ dev }) => dev),
  };
}

/** Returns undefined for the record of an installation that was cut short. */
function packagesIn(record) {
  try {
    return JSON.parse(record).packages;
  } catch {
    return undefined;
  }
}

function npm(args) {
  const path = process.env.npm_execpath;
  const [command, argv] = path ? [process.execPath, [path, ...args]] : ["npm", args];
  const { status, error } = spawnSync(command, argv, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (error) fail(`could not run npm: ${error.message}`, 1);
  if (status !== 0) fail(`npm ${args[0]} failed; its messages stand above`, status ?? 1);
}

function say(what) {
  process.stderr.write(`void: ${what}\n`);
}

function fail(why, code) {
  process.stderr.write(`void: ${why}\n`);
  process.exit(code);
}
