import type { Assignment } from "./assignment.ts";
import type { Stage } from "./stage.ts";
import type { Problem } from "../tabulate.ts";

/**
 * Tries every placement, each one step of one task away from the one before (a reflected Gray code). The last task changes
 * fastest.
 */
export class Enumeration implements Stage {
  done = false;
  readonly #nodes: number;
  readonly #assignment: Assignment;
  readonly #direction: Int8Array;
  #begun = false;
  /** True if the best placement was found in this order. */
  #met = false;

  constructor(problem: Problem, assignment: Assignment) {
    this.#nodes = problem.nodes.length;
    this.#assignment = assignment;
    this.#direction = new Int8Array(problem.tasks.length).fill(1);
  }

  advance(limit: number): number {
    const assignment = this.#assignment;
    const { place } = assignment;
    if (!this.#begun) assignment.moveAll(new Int32Array(place.length));
    this.#begun = true;
    let took = 0;
    this.#offer();
    for (let task = place.length - 1; took < limit; ) {
      if (task < 0) {
        this.done = true;
        return took;
      }
      const to = (place[task] ?? 0) + (this.#direction[task] ?? 0);
      if (to < 0 || to >= this.#nodes) {
        this.#direction[task] = -(this.#direction[task] ?? 0);
        task--;
        continue;
      }
      assignment.move(task, to);
      this.#offer();
      took++;
      task = place.length - 1;
    }
    return took;
  }

  /** Of the best placements the first one in this order is kept, whatever the starts found. */
  #offer(): void {
    const { best, hard, soft } = this.#assignment;
    if (!this.#met && hard === best.hard && soft === best.soft) {
      this.#met = true;
      best.hard = Infinity;
    }
    this.#assignment.offer();
  }
}
