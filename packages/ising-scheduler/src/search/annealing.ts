import type { Assignment } from "./assignment.ts";
import { threshold } from "./metropolis.ts";
import type { Walk } from "../moves/move.ts";
import { MOVES } from "../moves/moves.ts";
import type { Random } from "./random.ts";
import type { Stage } from "../compile/arrays.ts";
import type { Problem } from "../compile/arrays.ts";

/** Steps of the temperature in one run. */
const LEVELS = 32;
/** Rounds of one length. */
const ROUNDS_ALIKE = 3;
/** Steps of the first rounds: so many, and so many more for each task. */
const [STEPS, STEPS_PER_TASK] = [600, 16];
/** Below so many tasks the landscape is rough and the last of {@link ROUNDS_ALIKE} rounds is loose. Above, loose runs found nothing. */
const ROUGH_TASKS = 30;
/** Random moves whose mean size sets the first temperature. */
const PROBES = 64;

/** Temperatures as parts of the mean size of a random change of the terms that count, first and last. */
const TEMPERATURES = {
  /** No step adds overload; the soft terms count. It begins cool, so that it keeps most of the placement it begins with. */
  firm: { first: 0.2, last: 0.04 },
  /** The hard terms alone count. Overload is squared, so that its changes differ more in size. */
  pack: { first: 0.01, last: 1e-7 },
  /** Soft and hard terms count. It begins hot, so that it reaches every placement. */
  loose: { first: 2, last: 0.1 },
} as const;
/** Weight of the hard terms at the start of a loose run: a usual overload costs as much as so many usual soft changes. */
const LOOSE_PRESSURE = 4;

/**
 * One run of simulated annealing (Kirkpatrick, Gelatt and Vecchi, 1983) from the best placement so far, which can stop
 * after any step and go on. While the best placement is overloaded, most runs pack. After that most are firm: through
 * overload a walk finds lower energies, and seldom a way back.
 */
export class Annealing implements Walk, Stage {
  readonly problem: Problem;
  readonly assignment: Assignment;
  readonly random: Random;
  readonly #kind: keyof typeof TEMPERATURES;
  readonly #cooling: number;
  readonly #rising: number;
  readonly #perLevel: number;
  #temperature: number;
  /** Weight of the hard terms in a loose run. It rises to 1, so that the run ends without overload. */
  #pressure: number;
  #level = 0;
  #step = 0;

  constructor(problem: Problem, assignment: Assignment, random: Random, round: number) {
    [this.problem, this.assignment, this.random] = [problem, assignment, random];
    assignment.moveToBest();
    this.#kind = isLastAlike(round) && problem.tasks.length < ROUGH_TASKS ? "loose" : assignment.hard > 0 ? "pack" : "firm";
    const usual = usualChanges(problem, assignment, random);
    const temperature = TEMPERATURES[this.#kind];
    this.#temperature = temperature.first * (this.#kind === "pack" ? usual.hard : usual.soft);
    this.#cooling = root(temperature.last / temperature.first, LEVELS);
    this.#pressure = Math.min(1, (LOOSE_PRESSURE * usual.soft) / usual.hard);
    this.#rising = 1 / root(this.#pressure, LEVELS);
    this.#perLevel = stepsOf(problem, round) / LEVELS;
  }

  get done(): boolean {
    return this.#level === LEVELS;
  }

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
      if (this.#step < this.#perLevel) continue;
      this.#step = 0;
      this.#level++;
      this.#temperature *= this.#cooling;
      this.#pressure *= this.#rising;
    }
    return took;
  }

  allows(hard: number): boolean {
    return hard <= 0 || this.#kind !== "firm";
  }

  accepts(hard: number, soft: number): boolean {
    const change = this.#kind === "firm" ? soft : this.#kind === "pack" ? hard : soft + this.#pressure * hard;
    return change <= this.#temperature * threshold(this.random.next());
  }
}

/** Returns true for the last round of each length. */
export function isLastAlike(round: number): boolean {
  return round % ROUNDS_ALIKE === ROUNDS_ALIKE - 1;
}

/** Steps of a round: they double after {@link ROUNDS_ALIKE} rounds. */
export function stepsOf({ tasks }: Problem, round: number): number {
  return Math.ceil((STEPS + STEPS_PER_TASK * tasks.length) / LEVELS) * LEVELS * 2 ** Math.floor(round / ROUNDS_ALIKE);
}

/** Rounds of a search that is given neither steps nor time: more where they are short, and while nothing fits. */
export function roundsByDefault({ tasks }: Problem, feasible: boolean): number {
  return ROUNDS_ALIKE * ((tasks.length < ROUGH_TASKS ? 3 : 1) + (feasible ? 0 : 3));
}

/** The mean size of the changes of random moves that are not 0; 1 where none is. */
function usualChanges(problem: Problem, assignment: Assignment, random: Random): { hard: number; soft: number } {
  let [hard, soft, hards, softs] = [0, 0, 0, 0];
  for (let probe = 0; probe < PROBES; probe++) {
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
export function root(value: number, degree: number): number {
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
