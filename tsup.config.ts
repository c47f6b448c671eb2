import { existsSync, readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "tsup";

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "void-source"?: string } | string>>;
}

/** Every public entry point of the package that is being built: its exports, and its commands. */
const manifest: Manifest = JSON.parse(readFileSync("package.json", "utf8"));
const sources = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "object" && target["void-source"] ? [target["void-source"]] : [],
);
const commands = existsSync("src/cli.ts") ? ["./src/cli.ts"] : [];
/** The index of each room. It becomes a module of its own, so that a bundler can leave the whole room out. */
const rooms = readdirSync("src").map((room) => `./src/${room}/index.ts`).filter((index) => existsSync(index));
const named = (files: readonly string[]) => Object.fromEntries(files.map((file) => [file.replace("./src/", "").replace(/\.ts$/, ""), file]));

export default defineConfig({
  entry: named([...sources, ...commands, ...rooms]),
  format: "esm",
  target: "node20",
  platform: "neutral",
  external: [/^node:/],
  sourcemap: true,
  clean: true,
  treeshake: true,
  dts: {
    entry: named([...sources, ...commands]),
    compilerOptions: { customConditions: [], ignoreDeprecations: "6.0" },
    // So that a program without this library, nor @types/node, compiles against declarations with `Symbol.dispose`.
    banner: '/// <reference lib="esnext.disposable" />',
  },
});
