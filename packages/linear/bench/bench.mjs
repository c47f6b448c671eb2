/** Measures all figures of the README: CPU time, both sides in turn, medians of 7 rounds. Writes `results.json`. */
import { writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileTimeRow } from "./compile-time.mjs";
import { resourceRows } from "./resources.mjs";
import { validationRows } from "./validation.mjs";

setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");

const rows = [...resourceRows(), ...(await validationRows()), compileTimeRow()];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const { name, unit, ours, against, ratio, bar } of rows) {
  const beside = against.map((one) => `${one.name} ${one.version}: ${one.value.toFixed(1)}`).join(", ");
  console.log(`${name}: ${ours.toFixed(1)} ${unit}${beside && `; ${beside}`}${ratio === null ? "" : `; ratio ${ratio.toFixed(2)} (bar ${bar})`}`);
}
