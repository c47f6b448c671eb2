/**
 * The cost of an import in a bundle: gzip -9 of the minified bundle, with everything that it pulls in, against the budget
 * in the package's `size.json`. A row is an entry point as a whole (`"./node"`), or one or more of its exports
 * (`". HybridLogicalClock"`), which is what a user who imports them pays. A bare import must bundle to nothing. A row that ends
 * in `.html` is a page below `dist`, as it was built.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packageFolders } from "./entries.mjs";

const BARE_IMPORT_BYTES_MAX = 64;
let failed = 0;

for (const folder of packageFolders(".").map((path) => basename(path))) {
  const manifest = JSON.parse(readFileSync(join("packages", folder, "package.json"), "utf8"));
  // What the user has anyway, or does not want.
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const budgetFile = join("packages", folder, "size.json");
  const budgets = existsSync(budgetFile) ? JSON.parse(readFileSync(budgetFile, "utf8")) : {};
  const entries = Object.entries(manifest.exports).flatMap(([entry, target]) => (typeof target === "string" ? [] : [entry]));
  for (const row of new Set([...entries, ...Object.keys(budgets)])) {
    const [entry, ...names] = row.split(" ");
    const specifier = manifest.name + entry.slice(1);
    const exported = names.length > 0 ? `{ ${names.join(", ")} }` : "*";
    const page = entry.endsWith(".html") ? join("packages", folder, "dist", entry) : undefined;
    const known = page === undefined ? entries.includes(entry) : existsSync(page);
    const bytes = page !== undefined && known ? gzipSync(readFileSync(page), { level: 9 }).length
      : known ? await bundledBytes(`export ${exported} from ${JSON.stringify(specifier)};`, peers) : 0;
    const bare = row === "." ? await bundledBytes(`import ${JSON.stringify(specifier)};`, peers) : 0;
    const budget = budgets[row];
    const why = reasonAgainst({ known, budget, bytes, bare });
    if (why) failed++;
    process.stdout.write(`${why ? "FAIL" : "ok  "} ${[specifier, ...names].join(" ").padEnd(44)} ${String(bytes).padStart(7)} B of ${budget ?? "?"} B${why}\n`);
  }
}
process.exit(failed > 0 ? 1 : 0);

function reasonAgainst({ known, budget, bytes, bare }) {
  if (!known) return "  size.json names an entry point that does not exist";
  if (budget === undefined) return "  no budget in size.json";
  if (bytes > budget) return "  over budget";
  return bare > BARE_IMPORT_BYTES_MAX ? `  bare import leaves ${bare} B` : "";
}

async function bundledBytes(contents, external) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    external,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  const [file] = outputFiles;
  return file.contents.length === 0 ? 0 : gzipSync(file.contents, { level: 9 }).length;
}
