import { maxima, totals } from "../compile/columns.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Problem } from "../compile/arrays.ts";
import { largestFirst, Packing, roomLeft } from "./packing.ts";
import type { Score } from "./packing.ts";
import type { Start } from "./start.ts";

/** Rounds of matching: each at most halves the number of clusters. */
const ROUNDS_MAX = 20;
/** Tasks or links between two questions whether to stop. */
const SLICE = 512;

/**
 * Clusters of linked tasks, found by heavy-edge matching (Karypis and Kumar, 1998): in each round the heaviest links
 * between clusters merge them, as long as the two fit a fair share of a node. The clusters are packed, largest first,
 * where most of their links go; one that fits nowhere is packed task by task.
 */
export const clusters: Start = (problem, stopped) => {
  if (problem.links.task.length === 0 && problem.affinities.task.length === 0) return undefined;
  const groups = new Groups(problem);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (!groups.match(stopped)) break;
  }
  return pack(problem, groups.members(), stopped);
};

/** Two groups, and the weight of the links between them. */
type Edge = readonly [a: number, b: number, weight: number];

/** Tasks in groups, and what each group needs. */
class Groups {
  readonly #problem: Problem;
  /** Group of each task: the lowest task in it. */
  readonly #group: Int32Array;
  /** Units that a group needs, at its lowest task. */
  readonly #need: Float64Array;
  /** Units that a group may need at most, by resource. */
  readonly #share: Float64Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    const { resources: { length: resources }, tasks, nodes, capacityUnits, totalUnits } = problem;
    this.#group = Int32Array.from(tasks, (_, task) => task);
    const demandUnits = problem.demandUnits.subarray(0, tasks.length * resources);
    this.#need = demandUnits.slice();
    const [largest, demand] = [maxima(capacityUnits, resources), totals(demandUnits, resources)];
    // Between an even load and a full node: groups that filled nodes would leave no room for the last ones.
    this.#share = largest.map((has, r) => {
      const even = (has * (demand[r] ?? 0)) / Math.max(1, totalUnits[r] ?? 0);
      return Math.min(has, Math.max(even * 1.05, has / nodes.length));
    });
  }

  /** Merges pairs of groups, each group once, the heaviest links first. Returns true if there were any. */
  match(stopped: () => boolean): boolean {
    const edges = this.#edges(stopped);
    const matched = new Uint8Array(this.#group.length);
    const into = Int32Array.from(this.#group, (_, task) => task);
    let merged = false;
    for (const [a, b] of edges) {
      if (matched[a] || matched[b] || !this.#fit(a, b)) continue;
      matched[a] = matched[b] = 1;
      into[b] = a;
      const resources = this.#share.length;
      for (let r = 0; r < resources; r++) {
        this.#need[a * resources + r] = (this.#need[a * resources + r] ?? 0) + (this.#need[b * resources + r] ?? 0);
      }
      merged = true;
    }
    this.#group.forEach((group, task) => (this.#group[task] = into[group] ?? group));
    return merged;
  }

  /** The tasks of each group. */
  members(): readonly (readonly number[])[] {
    const members = new Map<number, number[]>();
    this.#group.forEach((group, task) => {
      const list = members.get(group);
      if (list) list.push(task);
      else members.set(group, [task]);
    });
    return [...members.values()];
  }

  /** Pairs of groups (a < b) with links between them, the heaviest first; none if it was stopped. */
  #edges(stopped: () => boolean): readonly Edge[] {
    const weights = new Map<number, number>();
    const count = this.#group.length;
    for (const { start, task: partner, cost } of [this.#problem.links, this.#problem.affinities]) {
      for (let task = 0; task < count; task++) {
        if (task % SLICE === 0 && stopped()) return [];
        for (let at = start[task] ?? 0; at < (start[task + 1] ?? 0); at++) {
          const [a, b] = [this.#group[task] ?? 0, this.#group[partner[at] ?? 0] ?? 0];
          // Tasks that must be apart from some are packed one by one, where that is looked at.
          if (this.#single(task) || this.#single(partner[at] ?? 0)) continue;
          if (a < b) weights.set(a * count + b, (weights.get(a * count + b) ?? 0) + (cost[at] ?? 0));
        }
      }
    }
    const edges = Array.from(weights, ([key, weight]): Edge => [Math.floor(key / count), key % count, weight]);
    const pieces: Edge[] = [];
    for (let at = 0; at < edges.length; at += SLICE) {
      if (stopped()) return [];
      pieces.push(...edges.slice(at, at + SLICE).sort(heaviestFirst));
    }
    // Pieces in order are only merged.
    return pieces.sort(heaviestFirst);
  }

  #single(task: number): boolean {
    const { start } = this.#problem.conflicts;
    return (start[task + 1] ?? 0) > (start[task] ?? 0);
  }

  #fit(a: number, b: number): boolean {
    const resources = this.#share.length;
    for (let r = 0; r < resources; r++) {
      const need = (this.#need[a * resources + r] ?? 0) + (this.#need[b * resources + r] ?? 0);
      if (need > (this.#share[r] ?? 0)) return false;
    }
    return true;
  }
}

function heaviestFirst([a, b, weight]: Edge, [otherA, otherB, otherWeight]: Edge): number {
  return otherWeight - weight || a - otherA || b - otherB;
}

/** Packs groups, those that need most first. */
function pack(problem: Problem, groups: readonly (readonly number[])[], stopped: () => boolean): Int32Array | undefined {
  const { tasks, nodes, resources } = problem;
  const packing = new Packing(problem);
  const pull = new Float64Array(nodes.length);
  // Links are whole quanta and room is a part of 1, so room decides only between nodes that links do not tell apart.
  const score: Score = (_, node, room) => (pull[node] ?? 0) + roomLeft(problem, node, room) / (resources.length + 1);
  const rank = new Int32Array(tasks.length);
  largestFirst(problem).forEach((task, at) => (rank[task] = at));
  const first = (group: readonly number[]): number => group.reduce((least, task) => Math.min(least, rank[task] ?? 0), Infinity);
  const ranked = groups.map((group) => ({ group, count: group.length, first: first(group) }));
  ranked.sort((a, b) => Number(b.count > 1) - Number(a.count > 1) || a.first - b.first);
  for (const { group } of ranked) {
    if (stopped()) return undefined;
    pullOf(problem, packing.place, group, pull);
    const node = group.length > 1 ? packing.findForAll(group, score) : UNPLACED;
    for (const task of group) {
      if (node !== UNPLACED && packing.place[task] === UNPLACED && packing.fits(task, node)) packing.set(task, node);
      else packing.put(task, score);
    }
  }
  return packing.done();
}

/** Quanta that a group saves on each node, by its links to what is placed. */
function pullOf({ links, affinities }: Problem, place: Int32Array, group: readonly number[], pull: Float64Array): void {
  pull.fill(0);
  for (const task of group) {
    for (const { start, task: partner, cost } of [links, affinities]) {
      for (let at = start[task] ?? 0; at < (start[task + 1] ?? 0); at++) {
        const node = place[partner[at] ?? 0] ?? UNPLACED;
        if (node !== UNPLACED) pull[node] = (pull[node] ?? 0) + (cost[at] ?? 0);
      }
    }
  }
}
