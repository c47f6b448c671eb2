import { UNPLACED } from "../compile/partners.ts";
import { rowOf } from "../compile/arrays.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Tracked } from "../compile/arrays.ts";

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
  /** Rules of `/cluster`. */
  readonly #rules: readonly Tracked[];

  constructor(problem: Problem) {
    this.#problem = problem;
    this.place = new Int32Array(problem.tasks.length).fill(UNPLACED);
    this.room = problem.capacityUnits.slice();
    this.#taken = new Int32Array(problem.nodes.length);
    this.#rules = Object.values(problem.more?.terms ?? {}).flatMap((term) => (term.hard && term.track(problem, this.place)) || []);
    problem.more?.waiting?.settle(this);
  }

  /** Puts a task on the best node where it fits, or on the first one when there is no score. One that may wait is put nowhere else. */
  put(task: number, score?: Score): void {
    if (this.place[task] !== UNPLACED) return;
    const node = this.find(task, score);
    if (node !== UNPLACED) this.set(task, node);
    else if (!this.#problem.more?.waiting?.may(task)) this.set(task, this.#leastShort(task));
  }

  /** Ends the packing. */
  done(): Int32Array {
    this.#problem.more?.waiting?.withdraw(this);
    return this.place;
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

  /** Puts a task on a node, or takes it back to none. */
  set(task: number, to: number): void {
    const from = this.place[task] ?? UNPLACED;
    if (from === to) return;
    for (const rule of this.#rules) rule.move(task, from, to);
    this.place[task] = to;
    this.#take(task, to, -1);
    this.#take(task, from, 1);
  }

  #take(task: number, node: number, sign: number): void {
    if (node < 0) return;
    const { resources: { length: resources }, demandUnits } = this.#problem;
    const row = rowOf(this.#problem, task, node) * resources;
    for (let r = 0, at = node * resources; r < resources; r++, at++) this.room[at] = (this.room[at] ?? 0) + sign * (demandUnits[row + r] ?? 0);
  }

  /** Returns true if there is room for a task, and nothing that forbids it; after {@link Packing.find} began with it. */
  fits(task: number, node: number): boolean {
    const { resources: { length: resources }, demandUnits } = this.#problem;
    if (this.#taken[node] === task + 1) return false;
    const row = rowOf(this.#problem, task, node) * resources;
    for (let r = 0; r < resources; r++) {
      if ((demandUnits[row + r] ?? 0) > (this.room[node * resources + r] ?? 0)) return false;
    }
    for (let at = 0; at < this.#rules.length; at++) if ((this.#rules[at]?.change(task, UNPLACED, node) ?? 0) > 0) return false;
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
    const { resources: { length: resources }, demandUnits, totalUnits } = this.#problem;
    let [chosen, least] = [0, Infinity];
    for (let node = 0; node < this.#taken.length; node++) {
      const forbidden = this.#taken[node] === task + 1 || this.#rules.some((rule) => rule.change(task, UNPLACED, node) > 0);
      let short = forbidden ? 2 ** 20 : 0;
      const row = rowOf(this.#problem, task, node) * resources;
      for (let r = 0; r < resources; r++) {
        const lacks = (demandUnits[row + r] ?? 0) - (this.room[node * resources + r] ?? 0);
        if (lacks > 0) short += lacks / Math.max(1, totalUnits[r] ?? 0);
      }
      if (short < least) [chosen, least] = [node, short];
    }
    return chosen;
  }
}

/**
 * Tasks by the largest part of a resource's total capacity that they need, most first. Those that may wait follow, by
 * importance alone: the largest first would leave out the most.
 */
export function largestFirst({ tasks, resources, demandUnits, totalUnits, more }: Problem): readonly number[] {
  const level = more?.waiting?.level ?? [];
  const sizes = Float64Array.from(tasks, (_, task) => {
    let largest = 0;
    for (let r = 0; r < resources.length; r++) {
      largest = Math.max(largest, (demandUnits[task * resources.length + r] ?? 0) / Math.max(1, totalUnits[r] ?? 0));
    }
    return level[task] ? 0 : largest;
  });
  return tasks.map((_, task) => task).sort((a, b) => (level[a] ?? 0) - (level[b] ?? 0) || (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
}

/** Room that is left on a node, as parts of what all nodes have. */
export function roomLeft({ totalUnits }: Problem, node: number, room: Float64Array): number {
  let left = 0;
  for (let r = 0, at = node * totalUnits.length; r < totalUnits.length; r++, at++) left += (room[at] ?? 0) / Math.max(1, totalUnits[r] ?? 0);
  return left;
}

/** Packs all tasks, largest first. */
export function packLargestFirst(problem: Problem, stopped: () => boolean, score?: Score): Int32Array | undefined {
  const packing = new Packing(problem);
  for (const task of largestFirst(problem)) {
    if (stopped()) return undefined;
    packing.put(task, score);
  }
  return packing.done();
}
