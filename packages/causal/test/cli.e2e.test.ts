import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "causal-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bin = join(import.meta.dirname, "../bin/void-causal.js");

function run(...args: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: "utf8", cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

/** Rows of 200 normal seconds and 10 bad ones, in which `search` makes `site` slow. */
function telemetry(): string {
  const rows = Array.from({ length: 210 }, (_, second) => {
    const wave = Math.sin(second * 2.4);
    const extra = second < 200 ? 0 : 40;
    return [["site", 60 + wave + extra], ["search", 20 + wave + extra], ["pay", 30 - wave]].map(([node, value]) => `${second},${node},latency,${value}`).join("\n");
  });
  return `time,node,metric,value\n${rows.join("\n")}\n`;
}

test("names the cause as text, JSON, SVG and Mermaid, and ends with 2 for what it cannot read", () => {
  writeFileSync(join(folder, "metrics.csv"), telemetry());
  writeFileSync(join(folder, "calls.csv"), "caller,callee\nsite,search\nsite,pay\n");
  const question = ["why", "metrics.csv", "--graph", "calls.csv", "--target", "site:latency", "--normal", "0..199"];
  const found = run(...question);
  expect(found).toMatchObject({ code: 0, err: "" });
  expect(found.out).toMatch(/^"search" is behind "latency" of "site"/);
  const { verdict, candidates } = JSON.parse(run(...question, "--json").out) as { verdict: string; candidates: { node: string }[] };
  expect([verdict, candidates[0]?.node]).toEqual(["cause", "search"]);
  expect(run(...question, "--svg").out).toMatch(/^<svg[^]*<\/svg>\s*$/);
  expect(run(...question, "--mermaid").out).toContain("search");
  expect(run(...question, "--html", "why.html").out).toBe(found.out);
  expect(readFileSync(join(folder, "why.html"), "utf8")).toMatch(/^<!doctype html>[^]*is behind[^]*<\/html>\s*$/);
  writeFileSync(join(folder, "evil.csv"), telemetry().replaceAll("search", "\u001b[2J\u202e"));
  const evil = run("why", "evil.csv", "--target", "site:latency", "--normal", "0..199").out;
  expect(evil).toContain("\\u001b[2J\\u202e");
  for (const raw of ["\u001b", "\u202e"]) expect(evil).not.toContain(raw);
  for (const [wrong, said] of [
    [[...question, "--html", "missing/why.html"], "missing/why.html"],
    [[...question.slice(0, -1), "yesterday"], "FROM..TO"],
    [["why", "metrics.csv", "--graph", "calls.csv", "--target", "site:latancy"], "latancy"],
    [["why", "missing.csv", "--target", "site:latency"], "missing.csv"],
    [[...question, "--speed", "9"], "--speed"],
    [[...question, "--worse", "up"], "--worse"],
    [[], "--target"],
  ] as const) {
    expect(run(...wrong)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(said) });
  }
  expect(run("--help").out).toContain("Exit codes");
});
