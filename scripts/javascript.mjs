/**
 * Builds the JavaScript of every package, about a second for all of them: one process, without types. Declarations are for
 * publishing: `npm run build` adds them, and nothing here touches those that are there.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { modules, packageFolders } from "./entries.mjs";
import { pagesOf } from "./pages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await Promise.all(packageFolders(root).map(buildPackage));

async function buildPackage(folder) {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: modules(folder),
    outdir: "dist",
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "node20",
    sourcemap: true,
    metafile: true,
    logLevel: "warning",
  });
  removeOthers(folder, new Set(Object.keys(metafile.outputs)));
  for (const [name, text] of await pagesOf(folder)) writeFileSync(join(folder, "dist", name), text);
}

/** Removes what an earlier build made and this one did not: chunks carry a hash in their name, entries come and go. */
function removeOthers(folder, made) {
  for (const name of readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" })) {
    const file = join("dist", name);
    if (/\.js(\.map)?$/.test(name) && !made.has(file.replaceAll("\\", "/"))) rmSync(join(folder, file), { force: true }); // another build may have removed it
  }
}
