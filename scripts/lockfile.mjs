/**
 * The lock file must name the optional binaries of every platform, or `npm ci` fails on a machine that is not ours.
 */
import { readFileSync } from "node:fs";

const { packages } = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const missing = [];
for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    // npm looks beside the dependent first, then in each folder above it.
    const folders = [];
    for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
      folders.push(folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`);
      if (folder === "" || !folder.includes("node_modules/")) break;
    }
    if (!folders.includes(`node_modules/${name}`)) folders.push(`node_modules/${name}`);
    if (!folders.some((folder) => packages[folder])) missing.push(`${name} (wanted by ${path || "the root"})`);
  }
}
if (missing.length > 0) {
  process.stderr.write(`package-lock.json lacks ${missing.length} optional packages; pin versions that have them:\n  ${missing.join("\n  ")}\n`);
  process.exit(1);
}
process.stdout.write(`package-lock.json: ${Object.keys(packages).length} packages, every optional binary named\n`);
