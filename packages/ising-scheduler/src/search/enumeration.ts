import type { Assignment } from "./assignment.ts";
import type { Stage } from "../compile/arrays.ts";
import type { Waiting } from "../compile/arrays.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Problem } from "../compile/arrays.ts";

/**
 * Tries every placement, each one step of one task away from the one before (a reflected Gray code). The last task changes
 * fastest.
 */
export class Enumeration implements Stage {
  done = false;
  readonly #nodes: number;
  readonly #waiting: Waiting | undefined;
  readonly #assignment: Assignment;
  readonly #direction: Int8Array;
  #begun = false;
  /** True if the best placement was found in this order. */
  #met = false;

  constructor(problem: Problem, assignment: Assignment) {
    this.#nodes = problem.nodes.length;
    this.#waiting = problem.more?.waiting;
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
      // A task that may wait has one place more: none.
      const from = place[task] ?? UNPLACED;
      const to = (from === UNPLACED ? this.#nodes : from) + (this.#direction[task] ?? 0);
      if (to < 0 || to >= this.#nodes + Number(this.#waiting?.may(task) ?? false)) {
        this.#direction[task] = -(this.#direction[task] ?? 0);
        task--;
        continue;
      }
      assignment.move(task, to === this.#nodes ? UNPLACED : to);
      this.#offer();
      took++;
      task = place.length - 1;
    }
    return took;
  }

  /** Of the best placements the first one in this order is kept, whatever the starts found. */
  #offer(): void {
    const { best, hard, soft, place } = this.#assignment;
    if (this.#waiting) {
      if (hard > best.hard || !this.#waiting.isWhole(place)) return;
      this.#assignment.waits = best.waits + this.#waiting.compare(place, best.place);
    }
    if (!this.#met && hard === best.hard && this.#assignment.waits === best.waits && soft === best.soft) {
      this.#met = true;
      best.hard = Infinity;
    }
    this.#assignment.offer();
  }
}
