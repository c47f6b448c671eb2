/**
 * Runs whose every event is frozen.
 *
 * A change that draws randomness once too often, too rarely or in another order changes these runs, though no other
 * test fails. The new runs are as good, but the seeds that users saved would then stand for runs they never saw. With
 * UPDATE_TRACES=1 in the environment the file is written again. Do that after `TRACE_VERSION` was raised, or when runs
 * were added or removed and no other run has changed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TRACE_VERSION } from "../src/index.ts";
import { goldenRuns } from "./golden/runs.ts";

interface Frozen {
  readonly traceVersion: number;
  readonly runs: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, "golden", "traces.json");
const frozen = JSON.parse(readFileSync(FILE, "utf8")) as Frozen;

/** Returns a message about runs that differ from those of the file; empty if there are none. */
function difference(before: Frozen, now: Frozen): string {
  const changed = Object.keys(now.runs).filter((name) => before.runs[name] !== now.runs[name]);
  const known = changed.filter((name) => before.runs[name] !== undefined);
  const lines = changed.slice(0, 10).map((name) => `  ${name}: ${before.runs[name] ?? "none"}, now ${now.runs[name] ?? "none"}`);
  if (known.length > 0 && before.traceVersion === now.traceVersion)
    return [
      `the simulator draws other randomness, in ${known.length} of ${Object.keys(before.runs).length} runs: saved seeds of users`,
      "mean other runs. If this is intended, raise TRACE_VERSION, then run this test with UPDATE_TRACES=1. The first:",
      ...lines,
    ].join("\n");
  const isSame = changed.length === 0 && Object.keys(before.runs).every((name) => name in now.runs);
  if (isSame && before.traceVersion === now.traceVersion) return "";
  return ["the frozen runs are others, or of another TRACE_VERSION: run this test with UPDATE_TRACES=1", ...lines].join("\n");
}

test("a seed gives the run that it has always given, with every combination of faults and unreliable links", () => {
  const now: Frozen = { traceVersion: TRACE_VERSION, runs: goldenRuns() };
  const message = difference(frozen, now);
  const mayWrite = process.env["UPDATE_TRACES"] === "1" && message.includes("the frozen runs are others");
  if (mayWrite) writeFileSync(FILE, `${JSON.stringify(now, undefined, 2)}\n`);
  expect(mayWrite || message === "", message).toBe(true);
});

test("a change is reported, with the runs that it changes", () => {
  const before: Frozen = { traceVersion: 1, runs: { one: "00", other: "01" } };
  expect(difference(before, before)).toBe("");
  expect(difference(before, { ...before, runs: { one: "00", other: "02", third: "03" } })).toMatch(
    /in 1 of 2 runs: saved seeds of users\nmean other runs\..*raise TRACE_VERSION.*\n {2}other: 01, now 02\n {2}third: none, now 03$/
  );
  const others = "the frozen runs are others, or of another TRACE_VERSION";
  expect(difference(before, { ...before, traceVersion: 2 })).toContain(others);
  expect(difference(before, { traceVersion: 2, runs: { one: "ff" } })).toContain(`${others}: run this test with UPDATE_TRACES=1\n  one: 00, now ff`);
  expect(difference(before, { ...before, runs: { ...before.runs, third: "03" } })).toContain(others);
  expect(difference(before, { ...before, runs: { one: "00" } })).toContain(others);
});
