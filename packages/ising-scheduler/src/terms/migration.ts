import type { Problem } from "../tabulate.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "./term.ts";

/** Tasks that left the node they were on. */
export const migration: Term = {
  hard: false,
  track: (problem) => (problem.migrationCost > 0 && problem.home.some((node) => node >= 0) ? new Migration(problem) : undefined),
  of({ home, migrationCost }, place) {
    let moved = 0;
    place.forEach((node, task) => (moved += Number(node >= 0 && (home[task] ?? 0) >= 0 && home[task] !== node)));
    return moved * migrationCost;
  },
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandMigration({ home, migrationCost, nodes }: Problem, polynomial: Polynomial): void {
  home.forEach((node, task) => {
    if (node < 0) return;
    polynomial.offset += migrationCost;
    polynomial.add(task * nodes.length + node, -migrationCost);
  });
}

class Migration implements Tracked {
  readonly #home: Int32Array;
  readonly #cost: number;

  constructor({ home, migrationCost }: Problem) {
    this.#home = home;
    this.#cost = migrationCost;
  }

  change(task: number, from: number, to: number): number {
    const home = this.#home[task] ?? 0;
    if (home < 0) return 0;
    return (Number(to >= 0 && to !== home) - Number(from >= 0 && from !== home)) * this.#cost;
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    return this.change(a, nodeA, nodeB) + this.change(b, nodeB, nodeA);
  }

  move(): void {
    // Homes do not move.
  }
}
