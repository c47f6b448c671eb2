/** The peer for chains. Its package needs Node 22's loader of wasm. Loaded by hand, it works on Node 20 too. */
import { readFileSync } from "node:fs";

const FOLDER = new URL("node_modules/@biscuit-auth/biscuit-wasm/", import.meta.url);

/** The module, or undefined where it is not installed. */
export async function loadBiscuit() {
  let bytes;
  try {
    bytes = readFileSync(new URL("module/biscuit_bg.wasm", FOLDER));
  } catch {
    return undefined;
  }
  const log = console.log;
  console.log = () => {}; // it greets
  const glue = await import(new URL("module/biscuit_bg.js", FOLDER).href);
  const wasm = new WebAssembly.Module(bytes);
  const imports = { "./biscuit_bg.js": glue };
  for (const { module } of WebAssembly.Module.imports(wasm))
    imports[module] ??= await import(new URL(`module/${module}`, FOLDER).href);
  const { exports } = new WebAssembly.Instance(wasm, imports);
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  console.log = log;
  const { version } = JSON.parse(readFileSync(new URL("package.json", FOLDER), "utf8"));
  return { version, ...glue };
}
