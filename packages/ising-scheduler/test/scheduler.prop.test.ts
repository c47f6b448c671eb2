import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Assignment, energyOf } from "../src/search/assignment.ts";
import { tabulate } from "../src/compile/tabulate.ts";
import { THRESHOLDS } from "../src/search/metropolis.ts";
import type { Walk } from "../src/moves/move.ts";
import { MOVES } from "../src/moves/moves.ts";
import { Random } from "../src/search/random.ts";
import { BinaryQuadraticModel, IsingScheduler } from "../src/index.ts";
import type { Energy, Node, SchedulerOptions, Task } from "../src/index.ts";

interface Instance {
  readonly tasks: readonly Task[];
  readonly nodes: readonly Node[];
  readonly options: SchedulerOptions;
}

/** A random problem with two resources, links, separations and tasks that were placed before. */
function instance(seed: number, tasks: number, nodes: number, fill = 0.7, whole = false): Instance {
  const random = new Random(seed);
  const part = (): number => (whole ? 1 + random.below(6) : Math.sqrt(1 + random.below(1000)) / 7);
  const names = Array.from({ length: tasks }, (_, at) => `t${at}`);
  const demands = names.map(() => ({ cpu: part(), memory: part() }));
  const total = demands.reduce((sum, { cpu, memory }) => Math.max(sum + cpu, sum + memory), 0);
  const capacity = (): number => {
    const each = (total / fill / nodes) * (0.8 + random.below(5) / 10);
    return whole ? Math.ceil(each) : each;
  };
  const links = Array.from({ length: tasks * 2 }, () => ({
    a: names[random.below(tasks)]!,
    b: names[random.below(tasks)]!,
    weight: random.below(30) / 10,
  }));
  return {
    tasks: names.map((id, at) => ({
      id,
      demand: demands[at]!,
      antiAffinity: at % 4 === 1 ? [names[at - 1]!] : [],
      affinity: at % 5 === 2 && at % 4 !== 1 ? [names[at - 1]!] : [],
    })),
    nodes: Array.from({ length: nodes }, (_, at) => {
      return { id: `n${at}`, capacity: { cpu: capacity(), memory: capacity() } };
    }),
    options: { links, previous: { t0: "n1", t3: "n0" }, weights: { balance: 2.5, migration: 0.3 }, seed },
  };
}

function randomPlacement({ tasks, nodes }: Instance, random: Random): Record<string, string> {
  return Object.fromEntries(tasks.map(({ id }) => [id, nodes[random.below(nodes.length)]!.id]));
}

function terms(energy: Energy): number[] {
  return Object.entries(energy).flatMap(([term, value]) => (term === "total" ? [] : [value]));
}

/** The best feasible energy by the simplest means: every placement, each energy from nothing. */
function bruteForce({ tasks, nodes, options }: Instance): number {
  const scheduler = new IsingScheduler(tasks, nodes, options);
  let best = Infinity;
  for (let code = 0; code < nodes.length ** tasks.length; code++) {
    let rest = code;
    const placement: Record<string, string> = {};
    for (const { id } of tasks) {
      placement[id] = nodes[rest % nodes.length]!.id;
      rest = Math.floor(rest / nodes.length);
    }
    const energy = scheduler.energy(placement);
    if (energy.overload === 0 && energy.conflicts === 0) best = Math.min(best, energy.total);
  }
  return best;
}

describe("100 small random problems", () => {
  test("trying all gives the optimum of brute force, and so does annealing", () => {
    const missed: number[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const small = instance(seed, 6, 3, 0.75, seed % 2 === 0);
      const optimum = bruteForce(small);
      const all = new IsingScheduler(small.tasks, small.nodes, small.options).result();
      expect([all.feasible, all.feasible ? all.energy.total : Infinity]).toEqual([optimum < Infinity, optimum]);
      expect(all.proved || (!all.feasible && seed % 2 === 1)).toBe(true);
      const annealed = new IsingScheduler(small.tasks, small.nodes, { ...small.options, exhaustiveMax: 0, moves: 20_000 }).result();
      expect(annealed.proved && annealed.feasible).toBe(false);
      if ((annealed.feasible ? annealed.energy.total : Infinity) !== optimum) missed.push(seed);
    }
    expect(missed).toEqual([]);
  });

  test("larger ones are feasible, no single move betters them, and they are the same on every run", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const large = instance(seed, 40, 6);
      const scheduler = new IsingScheduler(large.tasks, large.nodes, large.options);
      const result = scheduler.result();
      expect(result.feasible).toBe(true);
      expect([result.energy.overload, result.energy.conflicts]).toEqual([0, 0]);
      expect(new IsingScheduler(large.tasks, large.nodes, large.options).result()).toEqual(result);
      expect(scheduler.energy(result.placement)).toEqual(result.energy);
      for (const { id } of large.tasks) {
        const [best] = scheduler.explain(id).alternatives;
        expect([best!.delta.total, best!.shortages, best!.conflicts]).toEqual([0, [], []]);
      }
    }
  });
});

test("the same seed finds the same placement on every machine: a frozen one", () => {
  const { tasks, nodes, options } = instance(7, 24, 4);
  const { placement, energy } = new IsingScheduler(tasks, nodes, options).result();
  expect(Object.values(placement).join(" ")).toMatchInlineSnapshot(`"n0 n1 n0 n1 n0 n2 n1 n2 n1 n2 n2 n1 n1 n2 n1 n3 n2 n3 n0 n2 n2 n2 n0 n1"`);
  expect(energy.total).toMatchInlineSnapshot(`21.52570539712906`);
});

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("the tracked energy is the one computed from nothing, to the bit, through any walk", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, whole) => {
      const { tasks, nodes, options } = instance(seed, 9, 4, 1.1, whole);
      const problem = tabulate({ tasks, nodes, links: options.links!, previous: options.previous!, weights: options.weights! });
      const random = new Random(seed ^ 1);
      const assignment = new Assignment(problem);
      const walk: Walk = { problem, assignment, random, allows: () => random.below(8) > 0, accepts: () => random.below(2) > 0 };
      const failed: number[] = [];
      for (let step = 0; step < 150; step++) {
        // Some tasks stay on no node for a while, and some go back to none.
        if (step < 40) assignment.move(random.below(9), random.below(5) - 1);
        else MOVES[random.below(16)]!(walk);
        const { overload, conflicts, ...soft } = energyOf(problem, assignment.place);
        const strayed = assignment.place.some((node, task) => node >= 0 && !assignment.on(node).includes(task));
        const wrong = assignment.hard !== overload + conflicts || assignment.soft !== Object.values(soft).reduce((a, b) => a + b, 0);
        if (strayed || wrong) failed.push(step);
      }
      // One assertion a walk: as many as there are steps would take most of the time.
      expect(failed).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("the exported model has the scheduler's energy to the bit, as QUBO and as Ising", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, whole) => {
      const small = instance(seed, 7, 3, 1, whole);
      const scheduler = new IsingScheduler(small.tasks, small.nodes, small.options);
      const [qubo, ising] = [scheduler.toQubo(), scheduler.toIsing()];
      const random = new Random(seed ^ 2);
      for (let round = 0; round < 5; round++) {
        const placement = randomPlacement(small, random);
        const energy = scheduler.energy(placement);
        expect(energy.total).toBe(terms(energy).reduce((a, b) => a + b, 0));
        const state = qubo.encode(placement);
        expect(qubo.model.energy(state)).toBe(energy.total);
        expect(ising.model.energy(ising.encode(placement))).toBe(energy.total);
        expect([qubo.decode(state), ising.decode(ising.encode(placement))]).toEqual([placement, placement]);
        // Slack set in any other way costs, and so does a task on a second node.
        for (let flip = 0; flip < 5; flip++) {
          const at = random.below(state.length);
          const other = state.with(at, 1 - state[at]!);
          const slack = qubo.variables[at]![0] === "slack";
          expect(qubo.decode(other) === undefined).toBe(!slack);
          expect(qubo.model.energy(other) >= energy.total || !slack).toBe(true);
          expect(qubo.model.energy(other) > energy.total || energy.overload > 0).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("there and back between QUBO and Ising is the same function", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = new Random(seed);
      const coefficient = (): number => random.below(2001) - 1000;
      const linear = Float64Array.from({ length: 5 }, coefficient);
      const row = Int32Array.of(0, 0, 1, 3);
      const col = Int32Array.of(1, 4, 2, 4);
      const qubo = new BinaryQuadraticModel("BINARY", linear, { row, col, value: linear.slice(0, 4) }, coefficient());
      for (let bits = 0; bits < 32; bits++) {
        const state = Array.from({ length: 5 }, (_, at) => (bits >> at) & 1);
        expect(qubo.toSpin().energy(state.map((bit) => 2 * bit - 1))).toBe(qubo.energy(state));
        expect(qubo.toSpin().toBinary().energy(state)).toBe(qubo.energy(state));
      }
    }),
    { numRuns: 30 },
  );
});

test("a model refuses states that are none", () => {
  const none = { row: new Int32Array(0), col: new Int32Array(0), value: new Float64Array(0) };
  const qubo = new BinaryQuadraticModel("BINARY", Float64Array.of(1, 1), none, 0);
  expect(() => qubo.energy([1])).toThrow(RangeError);
  expect(() => qubo.energy([1, -1])).toThrow(RangeError);
  expect(() => qubo.toSpin().energy([1, 0])).toThrow(RangeError);
});

test("Metropolis thresholds are -ln u, computed without Math.log", () => {
  THRESHOLDS.forEach((value, draw) => expect(value).toBeCloseTo(-Math.log((draw + 0.5) / 4096), 12));
});
