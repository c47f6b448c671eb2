import { defineConfig } from "tsup";
import { publicModules } from "./scripts/entries.mjs";

/** Declarations of the package that is being built; its JavaScript is made by `scripts/javascript.mjs`. */
export default defineConfig({
  entry: publicModules("."),
  format: "esm",
  clean: true,
  dts: {
    only: true,
    compilerOptions: { customConditions: [], ignoreDeprecations: "6.0" },
    // So that a program without this library, nor @types/node, compiles against declarations with `Symbol.dispose`.
    banner: '/// <reference lib="esnext.disposable" />',
  },
});
