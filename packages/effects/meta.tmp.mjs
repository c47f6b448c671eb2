import { build } from "esbuild";import { gzipSync } from "node:zlib";
const core = 'export * from "./src/fibers/index.ts"';
for (const [e, c] of Object.entries({ core, corePromise: core + '; export * from "./src/world-effects/from-promise.ts"', both: 'export * from "./src/fibers/index.ts"; export * from "./src/world-effects/index.ts"', driver: 'export * from "./src/driver/index.ts"'})) {
  const r = await build({ stdin: {contents: c, resolveDir: process.cwd(), loader: "ts"}, bundle: true, minify: true, write: false, format: "esm", platform: "node", target: "node20", metafile: true, outdir: "x" });
  console.log(e, r.outputFiles[0].contents.length, gzipSync(r.outputFiles[0].contents,{level:9}).length);
}
