import { build } from "esbuild";import { gzipSync } from "node:zlib"; import { readFileSync } from "node:fs";
const core = 'export * from "./src/fibers/call.ts"; export { all, onExit, race, scope, spawn } from "./src/fibers/children.ts"; export { effect } from "./src/fibers/effect.ts"; export * from "./src/fibers/errors.ts"; export * from "./src/fibers/ensure.ts"; export {launch, run, runSync} from "./src/fibers/run.ts"; export { suspend } from "./src/fibers/suspension.ts"';
const r = await build({ stdin: {contents: core, resolveDir: process.cwd(), loader: "ts"}, bundle: true, minify: true, write: false, format: "esm", platform: "node", target: "node20", metafile: true, outdir: "x" });
const t = r.outputFiles[0].text; const full = gzipSync(t,{level:9}).length;
console.log(full);
// cost of each message string
const strs = [...t.matchAll(/"[^"]{12,}"|`[^`]{12,}`|\/\^[^/]+\/\w?/g)].map(m => m[0]);
for (const s of strs) { const d = full - gzipSync(t.replace(s, '""'), {level: 9}).length; if (d > 12) console.log(d, s.slice(0, 110)); }
for (const k of ["errors","trace","children","run","effect","fiber","step","scheduler","evidence","current"]) {
  const r2 = await build({ stdin: {contents: core, resolveDir: process.cwd(), loader: "ts"}, bundle: true, minify: true, write: false, format: "esm", platform: "node", target: "node20", outdir: "x", plugins: [{name: "x", setup(b) { b.onLoad({filter: new RegExp(`fibers/${k}\\.ts$`)}, (a) => { const names = [...readFileSync(a.path, "utf8").matchAll(/^export (?:abstract )?(?:class|const|let|function\*?|async function) (\w+)/gm)].map(m => m[1]); return { contents: [...new Set(names)].map(n => `export let ${n} = 0;`).join(""), loader: "ts" }; }); } }] });
  console.log(k, full - gzipSync(r2.outputFiles[0].text, {level:9}).length);
}
