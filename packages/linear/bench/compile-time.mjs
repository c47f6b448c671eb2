/** Measures the compile time of the test that holds every claim of the types, against its imports alone. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { COMMAND, median } from "./measure.mjs";

const ROUNDS = 3;
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const { version } = createRequire(import.meta.url)("@typescript/native/package.json");

/** Returns the total milliseconds that the compiler reports. */
function compile(test) {
  const config = file("compile-time.tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: "../../../tsconfig.base.json", files: [test] }));
  try {
    const tsc = file("../../../node_modules/.bin/tsc");
    const output = execFileSync(tsc, ["-p", config, "--extendedDiagnostics"], { encoding: "utf8" });
    return 1_000 * Number(/Total time:\s+([\d.]+)s/.exec(output)?.[1]);
  } finally {
    rmSync(config);
  }
}

export function compileTimeRow() {
  const tests = file("../test/types.test.ts");
  const imports = file("imports-only.ts");
  const [head] = readFileSync(tests, "utf8").split("/** Checks that a value that does not compile");
  const times = { tests: [], imports: [] };
  try {
    writeFileSync(imports, head.replaceAll("../src/", "../src/").replaceAll(/^import \{/gm, "export {").replaceAll(/^import type \{/gm, "export type {"));
    for (let round = 0; round < ROUNDS; round++) {
      times.tests.push(compile(tests));
      times.imports.push(compile(imports));
    }
  } finally {
    rmSync(imports, { force: true });
  }
  const ours = median(times.tests);
  const floor = median(times.imports);
  const against = [{ name: "its imports alone, typescript", version, kind: "floor", value: floor }];
  return { name: "type-check of test/types.test.ts", unit: "ms", better: "lower", ours, against, ratio: floor / ours, bar: 0.5, command: COMMAND };
}
