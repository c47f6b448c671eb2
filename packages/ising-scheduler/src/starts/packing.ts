import { UNPLACED } from "../partners.ts";
import type { Problem } from "../tabulate.ts";

/** Score of a task on a node where it fits. The best node is taken, the first of equals. */
export type Score = (task: number, node: number, room: Float64Array) => number;

/**
 * Room on nodes while tasks are put there one by one. `[n, r]` is at `n * resources + r`.
 */
export class Packing {
  readonly place: Int32Array;
  /** Units that are left; below 0 where a task had to go though it did not fit. */
  readonly room: Float64Array;
  readonly #problem: Problem;
  /** `task + 1` where a task that must be apart from it is. */
  readonly #taken: Int32Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.place = new Int32Array(problem.tasks.length).fill(UNPLACED);
    this.room = problem.capacityUnits.slice();
    this.#taken = new Int32Array(problem.nodes.length);
  }

  /** Puts a task on the best node where it fits, or on the first one when there is no score. */
  put(task: number, score?: Score): void {
    const node = this.find(task, score);
    this.set(task, node === UNPLACED ? this.#leastShort(task) : node);
  }

  /** The best node where the task fits; {@link UNPLACED} if there is none. */
  find(task: number, score?: Score): number {
    this.#markTaken(task);
    let [chosen, best] = [UNPLACED, -Infinity];
    for (let node = 0; node < this.#taken.length; node++) {
      if (!this.fits(task, node)) continue;
      if (!score) return node;
      const value = score(task, node, this.room);
      if (value > best) [chosen, best] = [node, value];
    }
    return chosen;
  }

  /** The best node with room for all of some tasks; {@link UNPLACED} if there is none. Looks at room alone. */
  findForAll(tasks: readonly number[], score: Score): number {
    const { resources: { length: resources }, demandUnits } = this.#problem;
    const need = new Float64Array(resources);
    for (const task of tasks) {
      for (let r = 0; r < resources; r++) need[r] = (need[r] ?? 0) + (demandUnits[task * resources + r] ?? 0);
    }
    let [chosen, best] = [UNPLACED, -Infinity];
    for (let node = 0; node < this.#taken.length; node++) {
      if (!need.every((units, r) => units <= (this.room[node * resources + r] ?? 0))) continue;
      const value = score(tasks[0] ?? 0, node, this.room);
      if (value > best) [chosen, best] = [node, value];
    }
    return chosen;
  }

  set(task: number, node: number): void {
    const { resources, demandUnits } = this.#problem;
    this.place[task] = node;
    for (let r = 0; r < resources.length; r++) {
      const at = node * resources.length + r;
      this.room[at] = (this.room[at] ?? 0) - (demandUnits[task * resources.length + r] ?? 0);
    }
  }

  /** Returns true if there is room for a task, and nothing that it must be apart from; after {@link Packing.find} began with it. */
  fits(task: number, node: number): boolean {
    const { resources, demandUnits } = this.#problem;
    if (this.#taken[node] === task + 1) return false;
    for (let r = 0; r < resources.length; r++) {
      if ((demandUnits[task * resources.length + r] ?? 0) > (this.room[node * resources.length + r] ?? 0)) return false;
    }
    return true;
  }

  #markTaken(task: number): void {
    const { start, task: partner } = this.#problem.conflicts;
    for (let at = start[task] ?? 0; at < (start[task + 1] ?? 0); at++) {
      const node = this.place[partner[at] ?? 0] ?? UNPLACED;
      if (node >= 0) this.#taken[node] = task + 1;
    }
  }

  /** The node that is short of the least for a task, as a part of what nodes have; among those without conflict if any. */
  #leastShort(task: number): number {
    const { resources, demandUnits, totalUnits } = this.#problem;
    let [chosen, least] = [0, Infinity];
    for (let node = 0; node < this.#taken.length; node++) {
      let short = this.#taken[node] === task + 1 ? 2 ** 20 : 0;
      for (let r = 0; r < resources.length; r++) {
        const lacks = (demandUnits[task * resources.length + r] ?? 0) - (this.room[node * resources.length + r] ?? 0);
        if (lacks > 0) short += lacks / Math.max(1, totalUnits[r] ?? 0);
      }
      if (short < least) [chosen, least] = [node, short];
    }
    return chosen;
  }
}

/** Tasks by the largest part of a resource's total capacity that they need, most first. */
export function largestFirst({ tasks, resources, demandUnits, totalUnits }: Problem): readonly number[] {
  const sizes = Float64Array.from(tasks, (_, task) => {
    let largest = 0;
    for (let r = 0; r < resources.length; r++) {
      largest = Math.max(largest, (demandUnits[task * resources.length + r] ?? 0) / Math.max(1, totalUnits[r] ?? 0));
    }
    return largest;
  });
  return tasks.map((_, task) => task).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
}

/** Packs all tasks, largest first. */
export function packLargestFirst(problem: Problem, stopped: () => boolean, score?: Score): Int32Array | undefined {
  const packing = new Packing(problem);
  for (const task of largestFirst(problem)) {
    if (stopped()) return undefined;
    packing.put(task, score);
  }
  return packing.place;
}
