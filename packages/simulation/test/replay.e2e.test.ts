import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodeRun } from "../src/index.ts";

const scratch = mkdtempSync(join(tmpdir(), "void-replay-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const COMMAND = join(import.meta.dirname, "..", "bin", "void-simulation.js");

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...given: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...given], { cwd: scratch }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr })
    );
  });
}

function save(name: string, module: string): string {
  const plan = { seed: 1, faults: [], decisions: [], omitted: [], calm: [], forks: [] };
  const failure = { kind: "violation", name: "never", message: "" };
  writeFileSync(join(scratch, name), encodeRun({ module, scenario: "scenario", plan, failure, traceHash: "" }));
  return name;
}

test("the command replays a saved run, and its exit code is the result", async () => {
  writeFileSync(
    join(scratch, "never.mjs"),
    `export const scenario = () => ({ nodes: { a: (_world, { check }) => check("never", process.env.MENDED === "1") } });`
  );
  writeFileSync(join(scratch, "throws.mjs"), `export const scenario = () => { throw new Error("of its own"); };`);
  const file = save("run.json", "./never.mjs");
  const [drawn, stopped, help] = await Promise.all([
    run("replay", file, "--svg", "out.svg"),
    run("replay", file, "--to", "0"),
    run("--help"),
  ]);
  expect(drawn).toMatchObject({ status: 1, stdout: expect.stringContaining("a starts") });
  expect(stopped).toMatchObject({ status: 0, stdout: expect.stringContaining("a is running") });
  expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining("use only files that you trust") });
  process.env["MENDED"] = "1";
  const mended = run("replay", file);
  delete process.env["MENDED"];
  expect(await mended).toMatchObject({ status: 0, stdout: expect.stringContaining("it passes now") });
});

test("shrink prints and saves a smaller run; Ctrl-C ends it with the smallest so far", async () => {
  // The run cannot be made smaller, and each run takes a while.
  writeFileSync(
    join(scratch, "slow.mjs"),
    `export const scenario = () => ({ nodes: { a: (_world, { check }) => {
       for (let spent = 0; spent < 1e8; spent += 1);
       check("never", false);
     } } });`
  );
  writeFileSync(
    join(scratch, "early.mjs"),
    `export const scenario = () => ({ nodes: { a: (_world, { check }) => check("never", false), b: () => undefined } });`
  );
  const early = await run("shrink", save("early.json", "./early.mjs"), "--out", "less/run.json");
  expect(early).toMatchObject({ status: 1, stdout: expect.stringContaining("replay: npx @void-system/simulation replay less/run.json") });
  expect(await run("replay", "less/run.json")).toMatchObject({ status: 1, stdout: expect.stringContaining("it fails: violation never\n") });

  const file = save("slow.json", "./slow.mjs");
  const interrupted = await new Promise<Outcome>((resolve) => {
    const child = execFile(process.execPath, [COMMAND, "shrink", file], { cwd: scratch }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr })
    );
    // It reports its progress.
    child.stderr?.once("data", () => child.kill("SIGINT"));
  });
  expect(interrupted.stderr).toMatch(/^\d+ runs tried, \d+ events left\n/);
  expect(interrupted.stdout).toContain("more runs may make it smaller\nreplay: npx @void-system/simulation replay slow-small.json");
  expect(interrupted.status).toBe(130);
  expect(await run("replay", "slow-small.json")).toMatchObject({ status: 1 });
});

test("Ctrl-C ends a finished command whose module keeps the process open", async () => {
  writeFileSync(
    join(scratch, "open.mjs"),
    `setInterval(() => undefined, 1_000);
     export const scenario = () => ({ nodes: { a: () => undefined } });`
  );
  const signal = await new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, "shrink", save("open.json", "./open.mjs")], { cwd: scratch });
    child.stdout?.once("data", () => child.kill("SIGINT"));
    child.once("exit", (_status, by) => resolve(by));
  });
  expect(signal).toBe("SIGINT");
});

test("a mistake in the file, the module or the command is no failing run", async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["replay"], "expected: replay FILE"],
    [["look", "run.json"], "expected: replay FILE, or shrink FILE"],
    [["shrink", "run.json", "--runs", "-1"], "--runs"],
    [["shrink", "run.json", "--runs", "many"], "--runs a number"],
    [["shrink", "run.json", "--to", "3"], "--svg, --to and --no-links are options of replay"],
    [["replay", "run.json", "--runs", "3"], "--out and --runs are options of shrink"],
    [["shrink", "no.json"], "ENOENT"],
    [["replay", "run.json", "--to", "x"], "--to"],
    [["replay", "no.json"], "ENOENT"],
    [["replay", save("throws.json", "./throws.mjs")], "of its own\n    at scenario"],
  ];
  // Newer releases of Node.js load it.
  writeFileSync(join(scratch, "typed.ts"), "export const scenario: unknown = undefined;");
  const typed = Reflect.get(process.features, "typescript") ? 'export a function "scenario"' : 'NODE_OPTIONS="--import tsx"';
  const wrongAlso = await run("replay", save("typed.json", "./typed.ts"));
  expect(wrongAlso).toMatchObject({ status: 2, stderr: expect.stringContaining(typed) });
  const outcomes = await Promise.all(wrong.map(([given]) => run(...given)));
  for (const [at, [, message]] of wrong.entries())
    expect(outcomes[at]).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
});
