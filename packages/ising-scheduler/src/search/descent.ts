import type { Assignment } from "./assignment.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Stage } from "../compile/arrays.ts";

/** Most passes over all single moves. */
const PASSES_MAX = 8;

/**
 * Takes every single move that improves the best placement, until there is none: what `explain` shows is then no better
 * anywhere else. It can stop after any step and go on.
 */
export class Descent implements Stage {
  readonly #assignment: Assignment;
  readonly #nodes: number;
  #pass = 0;
  #task = 0;
  #node = 0;
  #improved = false;

  constructor(assignment: Assignment, nodes: number) {
    [this.#assignment, this.#nodes] = [assignment, nodes];
    assignment.moveToBest();
  }

  get done(): boolean {
    return this.#pass === PASSES_MAX;
  }

  advance(limit: number): number {
    const assignment = this.#assignment;
    const tasks = assignment.place.length;
    let took = 0;
    for (; took < limit && !this.done; took++) {
      if (this.#task === tasks) {
        [this.#pass, this.#task] = [this.#improved ? this.#pass + 1 : PASSES_MAX, 0];
        this.#improved = false;
        continue;
      }
      this.#try(this.#task, this.#node);
      this.#node++;
      if (this.#node === this.#nodes) [this.#task, this.#node] = [this.#task + 1, 0];
    }
    return took;
  }

  #try(task: number, to: number): void {
    const assignment = this.#assignment;
    const from = assignment.place[task] ?? UNPLACED;
    if (from === to || from === UNPLACED) return;
    const hard = assignment.changeHard(task, to);
    if (hard > 0) return;
    const soft = assignment.changeSoft(task, to);
    if (hard === 0 && soft >= 0) return;
    assignment.take(task, to, hard, soft);
    assignment.offer();
    this.#improved = true;
  }
}
