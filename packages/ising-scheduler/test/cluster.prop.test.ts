import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "../src/cluster/admission.ts";
import type { Parts } from "../src/cluster/parts.ts";
import { compile } from "../src/cluster/index.ts";
import type { ClusterProblem, ClusterTask, ClusterWeights } from "../src/cluster/index.ts";
import { arraysOf } from "../src/compile/compile.ts";
import { solve } from "../src/index.ts";
import type { Energy } from "../src/index.ts";
import { MOVES } from "../src/moves/moves.ts";
import { Assignment, energyOf } from "../src/search/assignment.ts";
import { Random } from "../src/search/random.ts";
import { termsOf } from "../src/terms/terms.ts";
import { clusterInstance } from "./cluster-instance.ts";
import { broken, wronglyDisplaced } from "./cluster-rules.ts";
import { EXTENT, shuffled } from "./instance.ts";

/** Problems without a placement that was found: running tasks hold the only nodes that a task may be on. */
const UNMET: readonly number[] = [32, 51];
/** Problems where the search, unlike trying all, is not exact: most of the load cannot be placed. */
const MISSED: readonly number[] = [8, 14, 23, 24, 29, 30];

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Tasks that run in the beginning: their nodes have room for them, the most important first. */
function runningOf(problem: ClusterProblem): Record<string, string> {
  const running: Record<string, string> = {};
  const { runs } = (arraysOf(compile(problem)).more!.parts as Parts).waiting!;
  problem.tasks.map(({ id }) => id).sort().forEach((id, at) => runs[at] === 1 && (running[id] = problem.previous![id]!));
  expect(broken({ ...problem, tasks: problem.tasks.filter(({ id }) => running[id] !== undefined) }, running)).toEqual([]);
  return running;
}

test("after 100,000 random moves, tasks taken back among them, every term is the one computed from nothing, to the bit", () => {
  const problem = arraysOf(compile({ ...clusterInstance(5, 60, 8, 1.1), maxMigrations: 2 }));
  const random = new Random(5);
  const assignment = new Assignment(problem);
  const walk = { problem, assignment, random, allows: () => true, accepts: () => random.below(3) > 0 };
  const check = (): void => {
    const quanta = energyOf(problem, assignment.place);
    const sum = (hard: boolean): number => termsOf(problem).reduce((total, [name, term]) => total + (term.hard === hard ? (quanta[name] ?? 0) : 0), 0);
    expect([assignment.hard, assignment.soft]).toEqual([sum(true), sum(false)]);
  };
  for (let step = 0; step < 100_000; step++) {
    if (random.below(4) === 0) assignment.move(random.below(60), random.below(9) - 1);
    else MOVES[random.below(MOVES.length)]!(walk);
    if (step % 200 === 0) check();
  }
  check();
  expect(termsOf(problem).map(([name]) => name).sort()).toEqual(
    ["affinity", "balance", "communication", "conflicts", "cost", "displacement", "eligibility", "migration", "migrations", "overload", "preference", "separation", "slots", "spread"],
  );
});

test("what is found keeps every rule, and nobody waits who could be placed", () => {
  const unmet: number[] = [];
  for (let seed = 1; seed <= 12 * EXTENT; seed++) {
    const given = clusterInstance(seed, 24, 5, [0.7, 1, 1.4][seed % 3]!);
    const problem = seed % 4 === 0 ? { ...given, maxMigrations: 3 } : given;
    const ran = runningOf(problem);
    const { placement, feasible, unplaced } = solve(compile(problem), { moves: 6_000 });
    const wrong = broken(problem, placement);
    expect([seed, feasible]).toEqual([seed, wrong.length === 0]);
    if (!feasible) unmet.push(seed);
    expect(unplaced!.map(({ task }) => task).sort()).toEqual(problem.tasks.map(({ id }) => id).filter((id) => placement[id] === undefined).sort());
    if (!feasible) continue;
    expect([seed, wronglyDisplaced(problem, placement, ran)]).toEqual([seed, []]);
    for (const { task, reason } of unplaced!) {
      const into = problem.nodes.filter((node) => broken(problem, { ...placement, [task]: node.id }).length === 0);
      // Room that is kept for a running task that waits is the only reason left.
      expect([seed, task, into.length > 0 && !reason.includes("which ran there")]).toEqual([seed, task, false]);
    }
  }
  expect(unmet).toEqual(UNMET.filter((seed) => seed <= 12 * EXTENT));
});

test("those that wait are the least important: no other choice leaves out less", () => {
  const missed: number[] = [];
  for (let seed = 1; seed <= 5 * EXTENT; seed++) {
    const { links: _links, previous: _previous, distance: _distance, ...problem } = clusterInstance(seed, 6, 3, 1.5);
    const tasks = problem.tasks.map(({ on: _on, ...task }): ClusterTask => ({ ...task, mayWait: true }));
    const compiled = compile({ ...problem, tasks });
    const result = solve(compiled);
    expect(result.proved).toBe(true);
    const rank = (placed: (id: string) => boolean): number[] =>
      [10, 5, 0].map((priority) => tasks.filter((task) => task.priority === priority && !placed(task.id)).length);
    let best = [7, 7, 7];
    for (let code = 0; code < 4 ** 6; code++) {
      const places = tasks.map((_, at) => problem.nodes[Math.floor(code / 4 ** at) % 4]?.id);
      const placement = Object.fromEntries(tasks.flatMap(({ id }, at) => (places[at] === undefined ? [] : [[id, places[at]]])));
      const waiting = rank((id) => placement[id] !== undefined);
      if (lexicographic(waiting, best) < 0 && broken({ ...problem, tasks }, placement).length === 0) best = waiting;
    }
    expect([seed, rank((id) => result.placement[id] !== undefined)]).toEqual([seed, best]);
    const searched = solve(compiled, { exhaustiveMax: 0 });
    if (lexicographic(rank((id) => searched.placement[id] !== undefined), best) > 0) missed.push(seed);
  }
  expect(missed).toEqual(MISSED.filter((seed) => seed <= 5 * EXTENT));
});

function lexicographic(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

test("the order of tasks, nodes, links and rules changes nothing", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const given = clusterInstance(seed, 18, 4, 1.2);
      const random = new Random(seed ^ 3);
      const other = {
        ...given,
        tasks: shuffled(given.tasks, random),
        nodes: shuffled(given.nodes, random),
        links: shuffled(given.links ?? [], random),
        spread: shuffled(given.spread ?? [], random),
      };
      const options = { moves: 2_500, seed: seed % 7 };
      expect(JSON.stringify(solve(compile(other), options))).toBe(JSON.stringify(solve(compile(given), options)));
    }),
    { numRuns: 25 },
  );
});

test("more weight on a term never raises it at the optimum", () => {
  const weights: readonly (keyof ClusterWeights & keyof Energy)[] = ["balance", "communication", "affinity", "migration", "preference", "cost", "spread"];
  let lowered = 0;
  for (let seed = 1; seed <= 2 * EXTENT; seed++) {
    const problem = clusterInstance(seed, 7, 3, 0.6, false);
    const tasks = problem.tasks.map((task, at) => (at === 5 ? { ...task, affinity: ["t1", "t2"] } : task));
    for (const name of weights) {
      const terms = [0.25, 1, 4, 16].map((weight) => {
        const result = solve(compile({ ...problem, tasks, weights: { ...problem.weights, [name]: weight } }));
        expect(result.proved).toBe(true);
        return result.feasible ? (result.energy[name] ?? 0) / weight : 0;
      });
      // Weights are rounded to 2^-24.
      for (const [at, term] of terms.slice(1).entries()) expect(term).toBeLessThanOrEqual(terms[at]! + 1e-5);
      lowered += Number(terms[3]! < terms[0]!);
    }
  }
  expect(lowered).toBeGreaterThan(2 * EXTENT);
});

test("admission stops after any step and goes on: however it is cut, it does the same", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 9 }), (seed, piece) => {
      const problem = arraysOf(compile(clusterInstance(seed, 18, 4, 1.4)));
      const importance = (problem.more!.parts as Parts).waiting!;
      const [cut, whole] = [new Assignment(problem), new Assignment(problem)].map((assignment) => {
        assignment.offer();
        return { assignment, stage: new Admission(problem, assignment, importance) };
      });
      while (!cut!.stage.done) cut!.stage.advance(piece);
      whole!.stage.advance(1_000_000);
      expect([...cut!.assignment.best.place]).toEqual([...whole!.assignment.best.place]);
    }),
    { numRuns: 25 },
  );
});
