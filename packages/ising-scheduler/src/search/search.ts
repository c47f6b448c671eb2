import { Annealing, roundsByDefault, stepsOf } from "./annealing.ts";
import { Assignment } from "./assignment.ts";
import { Descent } from "./descent.ts";
import { Enumeration } from "./enumeration.ts";
import { Random } from "./random.ts";
import type { StartName } from "../result.ts";
import { STARTS } from "../starts/starts.ts";
import type { Problem } from "../tabulate.ts";

/** A start that was made, and what it is worth. */
export interface Started {
  readonly name: StartName;
  readonly hard: number;
  readonly soft: number;
}

/** Settings of a search. */
export interface Effort {
  readonly seed: number;
  readonly exhaustiveMax: number;
  /** True if it ends by itself, after {@link roundsByDefault}. */
  readonly ends: boolean;
}

const NAMES = Object.keys(STARTS) as readonly StartName[]; // The keys of a constant that nothing else reaches.
/** Steps between two questions whether to stop. */
const SLICE_MOVES = 256;
/**
 * One search, which can stop after any step and go on: first the starts, then all placements if they are few, else rounds
 * of annealing, longer and longer ones. What it does next depends on the problem, the seed and the steps so
 * far, never on a clock or on how many steps are still to come. So the same number of steps gives the same placement, and
 * more steps are never worse.
 */
export class Search {
  /** Steps so far. A start counts one a task. */
  moves = 0;
  /** True once every placement was tried. */
  proved = false;
  readonly starts: Started[] = [];
  readonly assignment: Assignment;
  readonly #problem: Problem;
  readonly #random: Random;
  readonly #enumeration: Enumeration | undefined;
  readonly #ends: boolean;
  #nextStart = 1;
  #round = 0;
  #annealing: Annealing | undefined;
  #descent: Descent | undefined;

  constructor(problem: Problem, { seed, exhaustiveMax, ends }: Effort, first: Int32Array) {
    [this.#problem, this.#ends] = [problem, ends];
    this.#random = new Random(seed);
    this.assignment = new Assignment(problem, first);
    this.#offerStart(0);
    this.#enumeration = placements(problem) <= exhaustiveMax ? new Enumeration(problem, this.assignment) : undefined;
  }

  /** True once nothing is left to do. */
  get done(): boolean {
    if (this.proved || !this.#ends || this.#annealing || this.#descent) return this.proved;
    return this.#round >= roundsByDefault(this.#problem, this.assignment.best.hard === 0);
  }

  /** Makes up to `limit` steps, fewer if it is done, or stopped: that is asked at every task of a start and every slice. */
  advance(limit: number, stopped: () => boolean): void {
    let left = limit;
    while (left > 0 && !this.done && !stopped()) {
      const took = this.#nextStart < NAMES.length ? this.#start(left, stopped) : this.#step(Math.min(left, SLICE_MOVES));
      this.moves += took;
      left -= took;
    }
  }

  #start(left: number, stopped: () => boolean): number {
    const { place } = this.assignment;
    // Without steps for the whole start there is none, but the steps are gone.
    if (left < place.length) return left;
    const name = NAMES[this.#nextStart];
    const made = name && STARTS[name](this.#problem, stopped);
    if (!made && stopped()) return 0;
    this.#nextStart++;
    if (!name || !made) return 0;
    this.assignment.moveAll(made);
    this.#offerStart(this.#nextStart - 1);
    return place.length;
  }

  #offerStart(at: number): void {
    const { hard, soft } = this.assignment;
    this.assignment.offer();
    this.starts.push({ name: NAMES[at] ?? "bestFit", hard, soft });
  }

  #step(left: number): number {
    if (this.#enumeration) {
      const took = this.#enumeration.advance(left);
      this.proved = this.#enumeration.done;
      return took;
    }
    if (this.#descent) {
      const took = this.#descent.advance(left);
      if (this.#descent.done) this.#descent = undefined;
      return took;
    }
    this.#annealing ??= new Annealing(this.#problem, this.assignment, this.#random, this.#round++);
    const took = this.#annealing.advance(left);
    if (!this.#annealing.done) return took;
    this.#annealing = undefined;
    const { tasks, nodes } = this.#problem;
    // A pass over all single moves takes as long as a round at most.
    if (tasks.length * nodes.length <= stepsOf(this.#problem, this.#round - 1)) this.#descent = new Descent(this.assignment, nodes.length);
    return took;
  }
}

/** Number of placements; Infinity beyond the range of a double. */
function placements({ tasks, nodes }: Problem): number {
  return nodes.length ** tasks.length;
}
