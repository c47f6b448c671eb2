/** The planted programs and the adaptor are TypeScript, and are not in the package: this makes a module of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** The module that TypeScript of this folder makes, loaded. */
export async function bundled(contents) {
  const folder = mkdtempSync(join(tmpdir(), "void-planted-"));
  try {
    const outfile = join(folder, "planted.mjs");
    await build({
      stdin: { contents, resolveDir: here, loader: "ts" },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "error",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
