/**
 * What an import costs in a bundle: each entry point of each package, minified and brotli-compressed with all that it
 * pulls in, against the budget in the package's `size.json`; and a bare import, which must bundle to nothing.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const BARE_IMPORT_BYTES_MAX = 64;
let failed = 0;

for (const folder of readdirSync("packages")) {
  const manifest = JSON.parse(readFileSync(join("packages", folder, "package.json"), "utf8"));
  // What the user has anyway, or does not want.
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const budgetFile = join("packages", folder, "size.json");
  const budgets = existsSync(budgetFile) ? JSON.parse(readFileSync(budgetFile, "utf8")) : {};
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const specifier = manifest.name + entry.slice(1);
    const bytes = await bundledBytes(`export * from ${JSON.stringify(specifier)};`, peers);
    const bare = entry === "." ? await bundledBytes(`import ${JSON.stringify(specifier)};`, peers) : 0;
    const budget = budgets[entry];
    const ok = budget !== undefined && bytes <= budget && bare <= BARE_IMPORT_BYTES_MAX;
    if (!ok) failed++;
    const why = budget === undefined ? "  no budget in size.json" : bytes > budget ? "  over budget" : ok ? "" : `  bare import leaves ${bare} B`;
    process.stdout.write(`${ok ? "ok  " : "FAIL"} ${specifier.padEnd(40)} ${String(bytes).padStart(7)} B of ${budget ?? "?"} B${why}\n`);
  }
}
process.exit(failed > 0 ? 1 : 0);

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
  return file.contents.length === 0 ? 0 : brotliCompressSync(file.contents).length;
}
