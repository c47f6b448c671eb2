import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Assignment, energyOf } from "../src/search/assignment.ts";
import { compile, solve } from "../src/index.ts";
import type { SchedulingResult } from "../src/index.ts";
import { MOVES } from "../src/moves/moves.ts";
import { Random } from "../src/search/random.ts";
import { Search } from "../src/search/search.ts";
import { bestFit } from "../src/starts/best-fit.ts";
import { STARTS } from "../src/starts/starts.ts";
import { tabulate } from "../src/compile/tabulate.ts";
import { instance, shuffled } from "./instance.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const never = (): boolean => false;

/** Overload and conflicts first, then the rest: what the search compares. */
function rank({ energy }: SchedulingResult): readonly [number, number] {
  const hard = energy.overload + energy.conflicts;
  return [hard, energy.total - hard];
}

function isWorse([hard, soft]: readonly [number, number], than: readonly [number, number]): boolean {
  return hard > than[0] || (hard === than[0] && soft > than[1]);
}

test("the result is never worse than any start, and lists all of them", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(0.5, 0.7, 0.95), (seed, fill) => {
      const given = instance(seed, 24, 5, fill);
      const problem = tabulate(given);
      const compiled = compile(given);
      // Just enough moves for the starts, so that nothing but them can be the reason.
      const result = solve(compiled, { exhaustiveMax: 0, moves: 24 * Object.keys(STARTS).length });
      expect(result.starts.map(({ name }) => name)).toEqual(Object.keys(STARTS));
      for (const [name, start] of Object.entries(STARTS)) {
        const place = start(problem, never);
        const { overload, conflicts, ...soft } = energyOf(problem, place!);
        const sum = Object.values(soft).reduce((a, b) => a + b, 0);
        expect([name, isWorse(rank(result), [(overload + conflicts) / 2 ** 24, sum / 2 ** 24])]).toEqual([name, false]);
      }
      const searched = solve(compiled, { exhaustiveMax: 0, moves: 3_000 });
      expect(isWorse(rank(searched), rank(result))).toBe(false);
    }),
    { numRuns: 40 },
  );
});

test("the order of tasks, nodes, links and names changes nothing", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const given = instance(seed, 20, 4);
      const random = new Random(seed ^ 3);
      const other = {
        ...given,
        tasks: shuffled(given.tasks, random).map((task) => ({ ...task, demand: Object.fromEntries(Object.entries(task.demand).toReversed()) })),
        nodes: shuffled(given.nodes, random),
        links: shuffled(given.links ?? [], random).map(({ a, b, weight = 1 }) => ({ a: b, b: a, weight })),
      };
      const options = { moves: 2_000, seed: seed % 7 };
      expect(JSON.stringify(solve(compile(other), options))).toBe(JSON.stringify(solve(compile(given), options)));
    }),
    { numRuns: 40 },
  );
});

test("more moves are never worse, and the first ones are the same however they are cut", () => {
  fc.assert(
    fc.property(seeds, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 }), (seed, pieces) => {
      const problem = tabulate(instance(seed, 24, 5, 0.9));
      const first = bestFit(problem, never)!;
      const fresh = (): Search => new Search(problem, { seed, exhaustiveMax: 0, ends: false }, first, "bestFit");
      // The starts are not cut: a start that has too few moves left is not made.
      const [cut, whole] = [fresh(), fresh()];
      const startMoves = 24 * Object.keys(STARTS).length;
      for (const search of [cut, whole]) search.advance(startMoves, never);
      let energy: readonly [number, number] = [Infinity, Infinity];
      for (const moves of pieces) {
        cut.advance(moves, never);
        const { hard, soft } = cut.assignment.best;
        expect(isWorse([hard, soft], energy)).toBe(false);
        energy = [hard, soft];
      }
      whole.advance(pieces.reduce((a, b) => a + b, 0), never);
      expect([cut.moves, [...cut.assignment.best.place]]).toEqual([whole.moves, [...whole.assignment.best.place]]);
    }),
    { numRuns: 40 },
  );
});

test("after 100,000 random moves the tracked energy is the one computed from nothing, to the bit", () => {
  const problem = tabulate(instance(5, 60, 8));
  const random = new Random(5);
  const assignment = new Assignment(problem, bestFit(problem, never));
  const walk = { problem, assignment, random, allows: () => true, accepts: () => random.below(3) > 0 };
  for (let step = 0; step < 100_000; step++) MOVES[random.below(MOVES.length)]!(walk);
  const { overload, conflicts, ...soft } = energyOf(problem, assignment.place);
  expect(assignment.hard).toBe(overload + conflicts);
  expect(assignment.soft).toBe(Object.values(soft).reduce((a, b) => a + b, 0));
});

test("the best placement is the one that was offered, however far the walk goes on", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 400 }), (seed, further) => {
      const problem = tabulate(instance(seed, 24, 5));
      const random = new Random(seed);
      const assignment = new Assignment(problem, bestFit(problem, never));
      assignment.offer();
      let kept = assignment.place.slice();
      let [hard, soft] = [assignment.hard, assignment.soft];
      for (let step = 0; step < 100 + further; step++) {
        assignment.move(random.below(24), random.below(5));
        if (step < 100) assignment.offer();
        if (step >= 100 || assignment.hard > hard || (assignment.hard === hard && assignment.soft >= soft)) continue;
        kept = assignment.place.slice();
        [hard, soft] = [assignment.hard, assignment.soft];
      }
      expect([...assignment.best.place]).toEqual([...kept]);
    }),
    { numRuns: 60 },
  );
});
