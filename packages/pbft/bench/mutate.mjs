/**
 * Mutants of the protocol and of the client's core: `npm run mutate -w @void-system/pbft`, or of some files only,
 * `npm run mutate -w @void-system/pbft -- protocol/slot.ts`. Stryker makes the mutants and runs the tests that reach each, all
 * but those with seeds. What survives runs 50 seeds beside one liar. What survives both must be argued in `mutants.json`, but for
 * 5 %.
 *
 * It goes file by file and can be stopped at any time: a file that is done is not done again until the code or a test changes.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stryker } from "@stryker-mutator/core";

const KILLED_MIN = 0.95;
const SEEDS = "1-50";
const SEEDS_MS = 180_000;
const FOLDERS = ["protocol", "client"];
const ALL = [...readdirSync(new URL("../src/protocol", import.meta.url)).map((file) => `protocol/${file}`), "client/client-core.ts"];

const root = join(import.meta.dirname, "..");
const house = join(root, "../..");
const cache = join(root, ".cache");
const done = join(cache, "mutants");
/** It looks like the house, so that the configuration of the house finds the tests of the copy. */
const copy = join(cache, "mutant/packages/pbft");
process.chdir(root);

const argued = JSON.parse(readFileSync(join(import.meta.dirname, "mutants.json"), "utf8"));

/** Changes with everything that the fate of a mutant depends on. */
function state() {
  const hash = createHash("sha256");
  for (const folder of ["src", "test"])
    for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts")).sort()) hash.update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

/** Those that Stryker has made of a file, with their fate. */
async function mutantsOf(file) {
  const report = join(cache, "stryker.json");
  const stryker = new Stryker({
    mutate: [`src/${file}`],
    testRunner: "vitest",
    plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
    vitest: { configFile: "bench/mutation.vitest.config.mjs", related: false },
    coverageAnalysis: "perTest",
    tempDirName: ".cache",
    ignorePatterns: [".cache", "dist"],
    reporters: ["json"],
    jsonReporter: { fileName: report },
    timeoutMS: 5_000,
    logLevel: "warn",
    allowConsoleColors: false,
    concurrency: Number(process.env.MUTATE_WORKERS ?? 2),
  });
  await stryker.runMutationTest();
  const { source, mutants } = JSON.parse(readFileSync(report, "utf8")).files[`src/${file}`];
  return mutants
    .filter(({ status }) => status !== "CompileError" && status !== "Ignored")
    .map(({ location: { start, end }, mutatorName, replacement, status }) => {
      const [from, to] = [start, end].map(({ line, column }) => source.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1);
      const text = `${source.slice(0, from)}${replacement}${source.slice(to)}`;
      return { file, line: start.line, from: source.slice(from, to), to: replacement, mutatorName, text, isKilled: status === "Killed" || status === "Timeout" };
    });
}

/** Returns whether the seeds find a mutant; one that hangs is found. */
function seedsFind({ file, text }) {
  const original = readFileSync(join(root, "src", file), "utf8");
  writeFileSync(join(copy, "src", file), text);
  const flags = ["--root", join(cache, "mutant"), "--config", join(house, "vitest.config.ts"), "--project", "packages", "--reporter", "dot", "--bail", "1"];
  const { status } = spawnSync(process.execPath, [join(house, "node_modules/vitest/vitest.mjs"), "run", ...flags, "one-liar"], {
    cwd: join(cache, "mutant"),
    env: { ...process.env, VOID_SEEDS: SEEDS },
    timeout: SEEDS_MS,
    killSignal: "SIGKILL",
  });
  writeFileSync(join(copy, "src", file), original);
  return status !== 0;
}

const isArgued = (mutant) => argued.some(({ file, from, to }) => file === mutant.file && from === mutant.from && to === mutant.to);

rmSync(join(cache, "mutant"), { recursive: true, force: true });
for (const folder of ["src", "test"]) cpSync(folder, join(copy, folder), { recursive: true });
// The seeds must pass without a mutant, or they would find each.
if (seedsFind({ file: ALL[0], text: readFileSync(join("src", ALL[0]), "utf8") })) throw new Error("expected the seeds to find nothing in the code as it is; they found something");

const asked = process.argv.slice(2);
const files = asked.length > 0 ? asked : ALL;
const unknown = files.find((file) => !existsSync(join("src", file)) || !FOLDERS.includes(dirname(file)));
if (unknown !== undefined) throw new Error(`expected files of src, such as ${ALL[0]}, got ${unknown}`);
const current = state();
const all = [];
for (const [index, file] of files.entries()) {
  const kept = join(done, `${file.replaceAll("/", "-")}.json`);
  let found = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : undefined;
  if (found?.state !== current) {
    const mutants = (await mutantsOf(file)).map((mutant) => ({ ...mutant, by: mutant.isKilled ? "tests" : seedsFind(mutant) ? "seeds" : undefined, text: undefined }));
    found = { state: current, mutants };
    mkdirSync(done, { recursive: true });
    writeFileSync(kept, JSON.stringify(found));
  }
  all.push(...found.mutants);
  const { length } = found.mutants;
  const [tests, seeds] = ["tests", "seeds"].map((by) => found.mutants.filter((mutant) => mutant.by === by).length);
  process.stdout.write(`${index + 1}/${files.length} ${file}: ${length} mutants, ${tests} killed by tests, ${seeds} by seeds\n`);
  for (const mutant of found.mutants.filter(({ by }) => by === undefined))
    process.stdout.write(`  line ${mutant.line} ${mutant.mutatorName}, ${isArgued(mutant) ? "argued" : "NOT ARGUED"}: ${mutant.from.slice(0, 100)} -> ${mutant.to.slice(0, 100)}\n`.replaceAll("\n  ", " "));
}
rmSync(join(cache, "mutant"), { recursive: true });
const killed = all.filter(({ by }) => by !== undefined).length;
const open = all.filter((mutant) => mutant.by === undefined && !isArgued(mutant)).length;
process.stdout.write(`${all.length} mutants: ${killed} killed (${((100 * killed) / all.length).toFixed(1)} %), ${all.length - killed - open} argued, ${open} open\n`);
process.exit(1 - open / all.length >= KILLED_MIN ? 0 : 1);
