import type { Assignment } from "./assignment.ts";
import { threshold } from "./metropolis.ts";
import type { Walk } from "./moves/move.ts";
import { MOVES } from "./moves/moves.ts";
import type { Random } from "./random.ts";
import type { Problem } from "./tabulate.ts";

/** Steps of the temperature in one run. */
const LEVELS = 32;
/** First temperature, as a part of the mean size of a random change, and the last as a part of the first. */
const SOFT = { first: 0.2, last: 0.2 };
/** The same while the best placement is overloaded. Overload is squared, so that its changes differ more in size. */
const HARD = { first: 0.01, last: 1e-5 };
/** Random moves whose size sets the first temperature. */
const PROBES = 64;

/**
 * One run of simulated annealing (Kirkpatrick, Gelatt and Vecchi, 1983) from the best placement so far, which can stop
 * after any step and go on. While the best placement is overloaded, the hard terms alone are annealed. After that no step
 * makes them worse: through overload the walk would find lower energies, and seldom a way back.
 */
export class Annealing implements Walk {
  readonly problem: Problem;
  readonly assignment: Assignment;
  readonly random: Random;
  readonly #packs: boolean;
  readonly #cooling: number;
  readonly #perLevel: number;
  #temperature: number;
  #level = 0;
  #step = 0;

  constructor(problem: Problem, assignment: Assignment, random: Random, round: number) {
    [this.problem, this.assignment, this.random] = [problem, assignment, random];
    assignment.moveAll(assignment.best.place);
    this.#packs = assignment.hard > 0;
    const { hard, soft } = usualChanges(problem, assignment, random);
    this.#temperature = this.#packs ? hard * HARD.first : soft * SOFT.first;
    this.#cooling = root(this.#packs ? HARD.last : SOFT.last, LEVELS);
    this.#perLevel = stepsOf(problem.tasks.length, round) / LEVELS;
  }

  get done(): boolean {
    return this.#level === LEVELS;
  }

  /** Makes up to `limit` steps; returns how many. */
  advance(limit: number): number {
    const { assignment, random } = this;
    let took = 0;
    while (took < limit && !this.done) {
      const steps = Math.min(limit - took, this.#perLevel - this.#step);
      for (let step = 0; step < steps; step++) {
        MOVES[random.next() >>> 28]?.(this);
        assignment.offer();
      }
      took += steps;
      this.#step += steps;
      if (this.#step === this.#perLevel) {
        this.#step = 0;
        this.#level++;
        this.#temperature *= this.#cooling;
      }
    }
    return took;
  }

  allows(hard: number): boolean {
    return this.#packs || hard <= 0;
  }

  accepts(hard: number, soft: number): boolean {
    return (this.#packs ? hard : soft) <= this.#temperature * threshold(this.random.next());
  }
}

/** Steps of a round; each is twice as long as the one before. */
export function stepsOf(tasks: number, round: number): number {
  return Math.ceil((500 + 20 * tasks) / LEVELS) * LEVELS * 2 ** round;
}

/** The mean size of the changes of random moves that are not 0; 1 where none is. */
function usualChanges(problem: Problem, assignment: Assignment, random: Random): { hard: number; soft: number } {
  let [hard, soft, hards, softs] = [0, 0, 0, 0];
  for (let probe = 0; probe < PROBES && problem.tasks.length > 0; probe++) {
    const [task, to] = [random.below(problem.tasks.length), random.below(problem.nodes.length)];
    if (assignment.place[task] === to) continue;
    const [harder, softer] = [assignment.changeHard(task, to), assignment.changeSoft(task, to)];
    hard += Math.abs(harder);
    soft += Math.abs(softer);
    hards += Number(harder !== 0);
    softs += Number(softer !== 0);
  }
  return { hard: hards > 0 ? hard / hards : 1, soft: softs > 0 ? soft / softs : 1 };
}

/** The `degree`-th root of 0 < value <= 1, by halving: `Math.pow` may differ between machines. */
function root(value: number, degree: number): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    let power = 1;
    for (let factor = 0; factor < degree; factor++) power *= middle;
    if (power < value) low = middle;
    else high = middle;
  }
  return high;
}
