import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "ising-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bin = join(import.meta.dirname, "../bin/void-ising-scheduler.js");

function run(...args: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: "utf8", cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

test("places, writes an image, explains, asks what if, and ends with 3 and 2", () => {
  writeFileSync(join(folder, "nodes.csv"), "node,cpu\na,4\nb,4\n");
  writeFileSync(join(folder, "tasks.csv"), "task,cpu\nx,2\ny,2\nz,2\n");
  const placed = run("place", "nodes.csv", "tasks.csv", "--json", "--svg", "out.svg", "--moves", "1000");
  expect(placed.code).toBe(0);
  expect(JSON.parse(placed.out)).toMatchObject({ feasible: true });
  expect(readFileSync(join(folder, "out.svg"), "utf8")).toContain("</svg>");
  writeFileSync(join(folder, "now.json"), placed.out);
  expect(run("what-if", "nodes.csv", "tasks.csv", "--previous", "now.json", "--without", "a", "--add", "1xcpu=4").out).toContain('since "a" is gone');
  expect(run("explain", "x", "nodes.csv", "tasks.csv").out).toMatch(/^x is on [ab]\n/);
  expect(run("place", "nodes.csv", "tasks.csv", "--without", "a").code).toBe(3);
  expect(run("place", "nodes.csv", "missing.csv")).toMatchObject({ code: 2, out: "", err: expect.stringContaining('expected "missing.csv" to be a file that can be read') });
  expect(run("place", "nodes.csv", "--speed", "9")).toMatchObject({ code: 2, err: expect.stringContaining("--speed") });
  expect(run("--help").out).toContain("Exit codes");
  expect(run()).toMatchObject({ code: 2, err: expect.stringContaining("Usage") });
  expect(run("plac", "nodes.csv")).toEqual({ code: 2, out: "", err: 'expected place, explain or what-if, got "plac"; see --help\n' });
  expect(run("explain", "x")).toEqual({ code: 2, out: "", err: 'expected a task and a file after explain, got "x"; see --help\n' });
  expect(run("place", "nodes.csv", "--deadline", "soon")).toEqual({ code: 2, out: "", err: 'expected --deadline to be a number >= 0, got "soon"\n' });
});
