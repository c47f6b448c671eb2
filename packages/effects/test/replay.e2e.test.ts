import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodeRun } from "../src/explore/index.ts";

const scratch = mkdtempSync(join(tmpdir(), "void-replay-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const COMMAND = join(import.meta.dirname, "..", "bin", "void-effects.js");

function run(...given: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [COMMAND, ...given], { cwd: scratch, encoding: "utf8" });
}

test("the command replays a saved run, and ends with what came out", () => {
  writeFileSync(
    join(scratch, "never.mjs"),
    `export const scenario = () => ({ nodes: { a: (_world, { check }) => check("never", process.env.MENDED === "1") } });`
  );
  const file = join(scratch, "run.json");
  const plan = { seed: 1, faults: [], decisions: [], omitted: [], calm: [], forks: [] };
  const failure = { kind: "violation", name: "never", message: "" };
  writeFileSync(file, encodeRun({ module: "./never.mjs", scenario: "scenario", plan, failure, traceHash: "" }));

  expect(run("replay", "run.json", "--svg", "out.svg")).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("a starts"),
  });
  expect(run("replay", "run.json", "--to", "0")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("a is running"),
  });
  process.env["MENDED"] = "1";
  expect(run("replay", "run.json")).toMatchObject({ status: 0, stdout: expect.stringContaining("it passes now") });
  delete process.env["MENDED"];

  expect(run("--help")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("replay only files that you trust"),
  });
  for (const wrong of [
    [],
    ["replay"],
    ["replay", "run.json", "--to", "x"],
    ["replay", "run.json", "--what"],
    ["replay", "no.json"],
  ])
    expect(run(...wrong).status, wrong.join(" ")).toBe(2);
});
