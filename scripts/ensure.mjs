/**
 * Makes a checkout ready to run: installs what the lock file names when it has changed, then builds what is stale.
 * Runs before `npm test`, `npm start` and `npm run demo`, with nothing but Node itself.
 */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Void needs Node.js >= 20.19, this is ${process.versions.node}`, 1);

if (!isInstalled()) {
  say("installing dependencies (once, about half a minute)");
  run(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]);
}
say("building what changed");
run(["run", "--silent", "build", "--", "--output-logs=errors-only"]);
say("built");

/** The tree that npm wrote last is at least as new as the lock file. */
function isInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

function run(args) {
  const npm = process.env.npm_execpath;
  const [command, argv] = npm ? [process.execPath, [npm, ...args]] : ["npm", args];
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const { status, error } = spawnSync(command, argv, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
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
