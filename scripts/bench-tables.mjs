/**
 * The figures in the READMEs: each package's `bench/results.json` as a table between `<!-- bench -->` and
 * `<!-- /bench -->` of its README, so that no figure is typed by hand. `npm run bench` ends with it.
 *
 * `node scripts/bench-tables.mjs --check` changes nothing and fails when a table is not what its results say.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const MARKED = /(<!-- bench -->\n)[^]*?(<!-- \/bench -->)/;

/** The results of every package that has some. */
export function allResults(root = ".") {
  return readdirSync(join(root, "packages")).flatMap((name) => {
    const file = join(root, "packages", name, "bench", "results.json");
    return existsSync(file) ? [{ name, file, readme: join(root, "packages", name, "README.md"), rows: JSON.parse(readFileSync(file, "utf8")) }] : [];
  });
}

/** What is wrong with the form of some results; nothing when they are good. */
export function mistakesIn(rows) {
  if (!Array.isArray(rows) || rows.length === 0) return ["expected an array of at least one row"];
  return rows.flatMap((row, index) => {
    const { name, unit, better, ours, against, ratio, bar, command } = row;
    const said = [];
    const want = (holds, what) => holds || said.push(`row ${index} (${name}): expected ${what}`);
    const text = (value) => typeof value === "string" && value !== "";
    want([name, unit, command].every(text), "name, unit and command to be texts");
    want(better === "higher" || better === "lower", `better to be "higher" or "lower"`);
    want(Number.isFinite(ours) && ours > 0, "ours to be a number above 0");
    want(Number.isFinite(bar) && bar >= 0, "bar to be a number, the ratio that is promised; 0 when nothing is");
    if (!want(Array.isArray(against), "against to be an array")) return said;
    for (const one of against) {
      want(text(one.name) && text(one.version), "each of against to have a name and a version");
      want(one.kind === "peer" || one.kind === "floor", `kind to be "peer" or "floor"`);
      want(Number.isFinite(one.value) && one.value > 0, "each value to be a number above 0");
    }
    if (against.length === 0) want(ratio === null, "ratio to be null when there is nothing to compare with");
    else want(Number.isFinite(ratio) && ratio > 0, "ratio to be a number above 0");
    return said;
  });
}

/** Results as a table. A ratio above 1 is ahead of what stands beside; rounds may go along as `spread`. */
export function tableOf(rows) {
  const commands = [...new Set(rows.map(({ command }) => `\`${command}\``))];
  const lines = rows.map(({ name, unit, ours, against, ratio, bar, spread }) => {
    const beside = against.map((one) => `${figure(one.value)}, ${one.name} ${one.version}`).join("; ");
    const rounds = spread ? ` (${spread.map(digits).join(" to ")})` : "";
    return `| ${name} | ${figure(ours)} ${unit} | ${beside || (bar > 0 ? "not installed" : "")} | ${ratio === null ? "" : digits(ratio)}${rounds} | ${bar > 0 ? digits(bar) : ""} |`;
  });
  return [
    `Printed by ${commands.join(", ")}; a ratio above 1 is ahead of what stands beside it.`,
    "",
    "| | Void | beside it | ratio | promised |",
    "|---|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}

/** A README with its table; `undefined` when it has no place for one. */
export function withTable(readme, rows) {
  return MARKED.test(readme) ? readme.replace(MARKED, (_, begin, end) => `${begin}${tableOf(rows)}${end}`) : undefined;
}

function figure(value) {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

function digits(value) {
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function main() {
  const check = process.argv.includes("--check");
  let failed = 0;
  for (const { name, readme, rows } of allResults()) {
    const mistakes = mistakesIn(rows);
    const before = readFileSync(readme, "utf8");
    const after = withTable(before, rows);
    if (after === undefined) mistakes.push("expected <!-- bench --> and <!-- /bench --> in the README");
    else if (check && after !== before) mistakes.push("the README's table is not that of the results; run node scripts/bench-tables.mjs");
    else if (after !== before) writeFileSync(readme, after);
    for (const { name: row, ratio, bar } of rows) {
      if (!check && ratio < bar) mistakes.push(`${row}: promised a ratio of at least ${bar}, measured ${ratio}; measure again on a quiet machine`);
    }
    for (const mistake of mistakes) process.stderr.write(`${name}: ${mistake}\n`);
    failed += mistakes.length;
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
