import { Best } from "./best.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Tracked } from "../compile/arrays.ts";
import type { Energy } from "../result.ts";
import { termsOf } from "../terms/terms.ts";

/** Quanta of each term of the energy. */
export type EnergyQuanta = Omit<Energy, "total">;

/**
 * Tasks on nodes, their energy kept up to date, so that the change that a move would make costs O(degree + resources).
 * Invariant: `hard` and `soft` are those of `place`, to the bit.
 */
export class Assignment {
  /** Node of each task, or {@link UNPLACED}. */
  readonly place: Int32Array;
  /** Quanta of the hard terms; 0 in a feasible placement. */
  hard = 0;
  /** Quanta of the soft terms. */
  soft = 0;
  /** Rank of the tasks that wait: lower where less important ones do, the same for placements that are alike in that. */
  waits = 0;
  /** The best placement that was offered. */
  readonly best: Best;
  /** Tasks of each node. */
  readonly #on: number[][];
  /** Position of each task among those of its node. */
  readonly #slot: Int32Array;
  readonly #hard: readonly Tracked[];
  readonly #soft: readonly Tracked[];

  constructor(problem: Problem, place?: Int32Array) {
    this.place = new Int32Array(problem.tasks.length).fill(UNPLACED);
    const terms = termsOf(problem);
    const tracked = (hard: boolean): Tracked[] =>
      terms.flatMap(([, term]) => (term.hard === hard ? (term.track(problem, this.place) ?? []) : []));
    [this.#hard, this.#soft] = [tracked(true), tracked(false)];
    this.#on = problem.nodes.map(() => []);
    this.#slot = new Int32Array(problem.tasks.length);
    this.best = new Best(this.place);
    // Computing the terms once is cheaper than adding up the changes of so many moves.
    place?.forEach((node, task) => node >= 0 && this.#put(task, UNPLACED, node));
    for (const [, term] of terms) {
      const quanta = term.of(problem, this.place);
      if (term.hard) this.hard += quanta;
      else this.soft += quanta;
    }
  }

  /** Tasks on a node, in no order that means something. */
  on(node: number): readonly number[] {
    return this.#on[node] ?? [];
  }

  /** Offers the placement as it is now to {@link Assignment.best}. */
  offer(): void {
    this.best.offer(this.hard, this.waits, this.soft);
  }

  /** Change of the hard terms if the task went to another node. */
  changeHard(task: number, to: number): number {
    const from = this.place[task] ?? UNPLACED;
    let change = 0;
    for (let at = 0; at < this.#hard.length; at++) change += this.#hard[at]?.change(task, from, to) ?? 0;
    return change;
  }

  /** Change of the soft terms if the task went to another node. */
  changeSoft(task: number, to: number): number {
    const from = this.place[task] ?? UNPLACED;
    let change = 0;
    for (let at = 0; at < this.#soft.length; at++) change += this.#soft[at]?.change(task, from, to) ?? 0;
    return change;
  }

  /** Change of the hard terms if two tasks on two nodes changed places. */
  exchangeHard(a: number, b: number): number {
    const nodeA = this.place[a] ?? UNPLACED;
    const nodeB = this.place[b] ?? UNPLACED;
    let change = 0;
    for (let at = 0; at < this.#hard.length; at++) change += this.#hard[at]?.exchange(a, nodeA, b, nodeB) ?? 0;
    return change;
  }

  /** Change of the soft terms if two tasks on two nodes changed places. */
  exchangeSoft(a: number, b: number): number {
    const nodeA = this.place[a] ?? UNPLACED;
    const nodeB = this.place[b] ?? UNPLACED;
    let change = 0;
    for (let at = 0; at < this.#soft.length; at++) change += this.#soft[at]?.exchange(a, nodeA, b, nodeB) ?? 0;
    return change;
  }

  /** Puts the task on the node, or on none. */
  move(task: number, to: number): void {
    if (this.place[task] !== to) this.take(task, to, this.changeHard(task, to), this.changeSoft(task, to));
  }

  /** Makes a move whose change is known. */
  take(task: number, to: number, hard: number, soft: number): void {
    const from = this.place[task] ?? UNPLACED;
    this.best.note(task);
    this.hard += hard;
    this.soft += soft;
    this.#put(task, from, to);
  }

  #put(task: number, from: number, to: number): void {
    for (let at = 0; at < this.#hard.length; at++) this.#hard[at]?.move(task, from, to);
    for (let at = 0; at < this.#soft.length; at++) this.#soft[at]?.move(task, from, to);
    this.place[task] = to;
    if (from >= 0) this.#leave(task, from);
    if (to >= 0) this.#slot[task] = (this.#on[to]?.push(task) ?? 0) - 1;
  }

  #leave(task: number, node: number): void {
    const tasks = this.#on[node] ?? [];
    const last = tasks.pop() ?? task;
    if (last === task) return;
    tasks[this.#slot[task] ?? 0] = last;
    this.#slot[last] = this.#slot[task] ?? 0;
  }

  /** Makes an exchange whose change is known. */
  takeExchange(a: number, b: number, hard: number, soft: number): void {
    const nodeA = this.place[a] ?? UNPLACED;
    const nodeB = this.place[b] ?? UNPLACED;
    this.take(a, nodeB, hard, soft);
    this.take(b, nodeA, 0, 0);
  }

  /** Goes to another placement. */
  moveAll(place: Int32Array): void {
    for (let task = 0; task < place.length; task++) this.move(task, place[task] ?? UNPLACED);
  }

  /** Goes to the best placement. */
  moveToBest(): void {
    this.moveAll(this.best.place);
    this.waits = this.best.waits;
  }
}

/** The energy of a placement by term, computed from nothing: the meaning that {@link Assignment} tracks. */
export function energyOf(problem: Problem, place: Int32Array): EnergyQuanta {
  // Every name is there: those of TERMS are among those of any problem.
  return Object.fromEntries(termsOf(problem).map(([name, term]) => [name, term.of(problem, place)])) as EnergyQuanta;
}
