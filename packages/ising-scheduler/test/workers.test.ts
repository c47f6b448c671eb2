import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as Cluster from "../src/cluster/index.ts";
import type * as Core from "../src/index.ts";
import type * as Workers from "../src/workers.ts";
import { clusterInstance } from "./cluster-instance.ts";
import { instance } from "./instance.ts";

// Threads load JavaScript, so the sources are bundled first: both entry points, with what they share.
const folder = mkdtempSync(join(tmpdir(), "ising-"));
let compile: typeof Core.compile;
let solve: typeof Core.solve;
let compileCluster: typeof Cluster.compile;
let solveAsync: typeof Workers.solveAsync;

beforeAll(async () => {
  const entryPoints = ["index", "workers", "worker", "cluster/index"].map((name) => join(import.meta.dirname, `../src/${name}.ts`));
  await build({ entryPoints, outdir: folder, bundle: true, splitting: true, format: "esm", platform: "neutral" });
  ({ compile, solve } = (await import(join(folder, "index.js"))) as typeof Core);
  ({ compile: compileCluster } = (await import(join(folder, "cluster/index.js"))) as typeof Cluster);
  ({ solveAsync } = (await import(join(folder, "workers.js"))) as typeof Workers);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the same seed and moves give the same placement on 1 and on 4 threads, and again in this one", async () => {
  const compiled = compile(instance(3, 40, 6));
  const effort = { moves: 4_000, seed: 5, chains: 4 };
  const one = await solveAsync(compiled, { ...effort, workers: 1 });
  expect(await solveAsync(compiled, { ...effort, workers: 4 })).toEqual(one);
  expect(solve(compiled, one.replay).placement).toEqual(one.placement);
  const alone = Array.from({ length: 4 }, (_, chain) => solve(compiled, { moves: 4_000, seed: 5 + chain }).energy.total);
  expect(one.energy.total).toBe(Math.min(...alone));
});

test("a problem of clusters goes to a thread as it is", async () => {
  const compiled = compileCluster(clusterInstance(3, 24, 5, 1.4));
  const effort = { moves: 3_000, chains: 3 };
  const one = await solveAsync(compiled, { ...effort, workers: 1 });
  expect(await solveAsync(compiled, { ...effort, workers: 3 })).toEqual(one);
  expect(solve(compiled, one.replay).placement).toEqual(one.placement);
  expect(one.unplaced?.length).toBeGreaterThan(0);
});

test("an abort and a deadline return the best placement so far", async () => {
  const compiled = compile(instance(4, 40, 6));
  const controller = new AbortController();
  const pending = solveAsync(compiled, { deadlineMs: 60_000, chains: 1, signal: controller.signal });
  controller.abort(); // The search was asked for: it is found under way.
  const aborted = await pending;
  expect([aborted.stopped, aborted.feasible]).toEqual(["abort", true]);
  const late = await solveAsync(compiled, { deadlineMs: 10, chains: 2, workers: 1 });
  expect([late.stopped, Object.keys(late.placement).length]).toEqual(["deadline", 40]);
  await expect(solveAsync(compiled, { chains: 0 })).rejects.toThrow("options.chains");
});
