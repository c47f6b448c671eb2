/**
 * Runs whose every event is frozen. What draws chance once too often, too rarely or in another order changes them, though
 * nothing else fails: other runs are as good, but the seeds that users saved mean runs that they never saw.
 *
 * With UPDATE_TRACES=1 in the environment the file is written anew; only after `TRACE_VERSION` was raised.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TRACE_VERSION } from "../src/simulation/index.ts";
import { goldenRuns } from "./golden/runs.ts";

interface Frozen {
  readonly traceVersion: number;
  readonly runs: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, "golden", "traces.json");
const frozen = JSON.parse(readFileSync(FILE, "utf8")) as Frozen;

/** What is to be said of runs that are not those of the file; nothing when all are. */
function told(before: Frozen, now: Frozen): string {
  const names = [...new Set([...Object.keys(before.runs), ...Object.keys(now.runs)])];
  const changed = names.filter((name) => before.runs[name] !== now.runs[name]);
  if (changed.length === 0 && before.traceVersion === now.traceVersion) return "";
  return [
    `the simulator's stream of chance changed, in ${changed.length} of ${names.length} runs: saved seeds of users mean other runs.`,
    "If that is meant, raise TRACE_VERSION, then run this test with UPDATE_TRACES=1. The first that differ:",
    ...changed.slice(0, 10).map((name) => `  ${name}: ${before.runs[name] ?? "none"}, now ${now.runs[name] ?? "none"}`),
  ].join("\n");
}

test("a seed means the run that it has always meant, in every combination of faults and unreliable links", () => {
  const now: Frozen = { traceVersion: TRACE_VERSION, runs: goldenRuns() };
  if (process.env["UPDATE_TRACES"] === "1" && frozen.traceVersion !== TRACE_VERSION)
    writeFileSync(FILE, `${JSON.stringify(now, undefined, 2)}\n`);
  else expect(told(frozen, now)).toBe("");
});

test("a change is told, and which runs it changes", () => {
  const before: Frozen = { traceVersion: 1, runs: { one: "00", other: "01" } };
  expect(told(before, before)).toBe("");
  expect(told(before, { ...before, runs: { one: "00", other: "02", third: "03" } })).toMatch(
    /2 of 3 runs: saved seeds of users mean other runs\.\n.*raise TRACE_VERSION.*\n {2}other: 01, now 02\n {2}third: none, now 03$/
  );
  expect(told(before, { ...before, traceVersion: 2 })).toContain("0 of 2");
});
