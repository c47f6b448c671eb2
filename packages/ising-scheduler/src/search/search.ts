import { Annealing, isLastAlike, roundsByDefault, stepsOf } from "./annealing.ts";
import { Assignment } from "./assignment.ts";
import { Descent } from "./descent.ts";
import { Enumeration } from "./enumeration.ts";
import { Random } from "./random.ts";
import type { Stage } from "../compile/arrays.ts";
import type { StartName } from "../starts/starts.ts";
import { STARTS } from "../starts/starts.ts";
import type { Problem } from "../compile/arrays.ts";

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
  /** True to begin with what runs, and to anneal only while that does not fit. */
  readonly light?: boolean;
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
  readonly #light: boolean;
  readonly #starts: StartName[];
  #round = 0;
  #stage: Stage | undefined;
  /** Stages before the next round of annealing. */
  readonly #next: (() => Stage)[] = [];

  /** @param first - the placement of the start `made`, which is not made again. */
  constructor(problem: Problem, { seed, exhaustiveMax, ends, light = false }: Effort, first: Int32Array, made: StartName) {
    [this.#problem, this.#ends, this.#light] = [problem, ends, light];
    this.#random = new Random(seed);
    this.assignment = new Assignment(problem, first);
    // If tasks wait, the last rule leaves out the fewest.
    this.#starts = light ? [] : (problem.more?.waiting ? NAMES.toReversed() : NAMES).filter((name) => name !== made);
    this.#offerStart(made);
    const few = !light && placements(problem) <= exhaustiveMax;
    this.#enumeration = few ? new Enumeration(problem, this.assignment) : undefined;
    if (light) this.#next.push(this.#descend);
    this.#thenAdmit();
  }

  /** True once nothing is left to do. */
  get done(): boolean {
    if (this.proved || !this.#ends || this.#stage || this.#next.length > 0) return this.proved;
    const feasible = this.assignment.best.hard === 0;
    return this.#round >= (this.#light && feasible ? 0 : roundsByDefault(this.#problem, feasible));
  }

  /** Makes up to `limit` steps, fewer if it is done, or stopped: that is asked at every task of a start and every slice. */
  advance(limit: number, stopped: () => boolean): void {
    let left = limit;
    while (left > 0 && !this.done && !stopped()) {
      const took = this.#starts.length > 0 ? this.#start(left, stopped) : this.#step(Math.min(left, SLICE_MOVES));
      this.moves += took;
      left -= took;
    }
  }

  #start(left: number, stopped: () => boolean): number {
    const { place } = this.assignment;
    // Without steps for the whole start there is none, but the steps are gone.
    if (left < place.length) return left;
    const [name] = this.#starts;
    const made = name && STARTS[name](this.#problem, stopped);
    if (!made && stopped()) return 0;
    this.#starts.shift();
    if (!name || !made) return 0;
    const { best } = this.assignment;
    this.assignment.waits = best.waits + (this.#problem.more?.waiting?.compare(made, best.place) ?? 0);
    this.assignment.moveAll(made);
    this.#offerStart(name);
    return place.length;
  }

  #offerStart(name: StartName): void {
    const { hard, soft } = this.assignment;
    this.assignment.offer();
    this.starts.push({ name, hard, soft });
  }

  #step(left: number): number {
    if (this.#enumeration) {
      const took = this.#enumeration.advance(left);
      this.proved = this.#enumeration.done;
      return took;
    }
    this.#stage ??= this.#next.shift()?.() ?? this.#anneal();
    const took = this.#stage.advance(left);
    if (this.#stage.done) this.#stage = undefined;
    return took;
  }

  #anneal(): Stage {
    const { tasks, nodes } = this.#problem;
    // A pass over all single moves takes as long as a round at most, and comes after the last one of each length.
    const affordable = tasks.length * nodes.length <= stepsOf(this.#problem, this.#round);
    if (affordable && isLastAlike(this.#round)) this.#next.push(this.#descend);
    this.#thenAdmit();
    return new Annealing(this.#problem, this.assignment, this.#random, this.#round++);
  }

  readonly #descend = (): Stage => new Descent(this.assignment, this.#problem.nodes.length);

  #thenAdmit(): void {
    const waiting = this.#problem.more?.waiting;
    if (waiting) this.#next.push(() => waiting.admit(this.#problem, this.assignment));
  }
}

/** Number of placements; Infinity beyond the range of a double. */
function placements({ tasks, nodes, more }: Problem): number {
  return tasks.reduce((product, _, task) => product * (nodes.length + Number(more?.waiting?.may(task) ?? false)), 1);
}
