import type { Problem } from "../../compile/arrays.ts";
import type { Term, Tracked } from "../../compile/arrays.ts";
import { SHARE_UNITS } from "../parts.ts";
import type { Slots } from "../parts.ts";

/** Slots that nodes do not have, where each share lies on one slot and whole ones are alone on theirs. */
export function slots(all: readonly Slots[]): Term {
  return {
    hard: true,
    of: (problem, place) => {
      let over = 0;
      for (const resource of all) for (const tasks of sharersByNode(problem, place, resource)) over += tasks.over ** 2;
      return over * problem.conflictCost;
    },
    track: (problem) => new TrackedSlots(problem, all),
  };
}

/** Slots of each task of a node: shares largest first on the first slot with room, after the whole ones. */
export function slotsOnNode({ whole, share }: Slots, tasks: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const lies = new Map<number, readonly number[]>();
  let next = 0;
  for (const task of tasks) {
    const count = whole[task] ?? 0;
    if (count > 0) lies.set(task, Array.from({ length: count }, (_, at) => next + at));
    next += count;
  }
  let bins = 0;
  for (const task of tasks.filter((one) => (share[one] ?? 0) > 0).sort((a, b) => (share[b] ?? 0) - (share[a] ?? 0) || a - b)) {
    const slot = firstFit(bins, share[task] ?? 0);
    bins = Math.max(bins, slot + 1);
    lies.set(task, [next + slot]);
  }
  return lies;
}

function sharersByNode(problem: Problem, place: Int32Array, resource: Slots): readonly SlotsOfNode[] {
  const nodes = problem.nodes.map((_, node) => new SlotsOfNode(resource.available[node] ?? 0));
  place.forEach((node, task) => nodes[node]?.add(resource.whole[task] ?? 0, resource.share[task] ?? 0, 1));
  return nodes;
}

class TrackedSlots implements Tracked {
  readonly #cost: number;
  readonly #all: readonly (readonly [Slots, readonly SlotsOfNode[]])[];

  constructor(problem: Problem, all: readonly Slots[]) {
    this.#cost = problem.conflictCost;
    this.#all = all.map((resource) => [resource, problem.nodes.map((_, node) => new SlotsOfNode(resource.available[node] ?? 0))]);
  }

  change(task: number, from: number, to: number): number {
    let change = 0;
    for (const [{ whole, share }, nodes] of this.#all) {
      const [wholes, part] = [whole[task] ?? 0, share[task] ?? 0];
      if (wholes === 0 && part === 0) continue;
      change += (nodes[to]?.change(wholes, part, 1) ?? 0) + (nodes[from]?.change(wholes, part, -1) ?? 0);
    }
    return change * this.#cost;
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    let change = 0;
    for (const [{ whole, share }, nodes] of this.#all) {
      const [wholeA, shareA, wholeB, shareB] = [whole[a] ?? 0, share[a] ?? 0, whole[b] ?? 0, share[b] ?? 0];
      if (wholeA === wholeB && shareA === shareB) continue;
      change += nodes[nodeA]?.replace(wholeA, shareA, wholeB, shareB) ?? 0;
      change += nodes[nodeB]?.replace(wholeB, shareB, wholeA, shareA) ?? 0;
    }
    return change * this.#cost;
  }

  move(task: number, from: number, to: number): void {
    for (const [{ whole, share }, nodes] of this.#all) {
      nodes[to]?.add(whole[task] ?? 0, share[task] ?? 0, 1);
      nodes[from]?.add(whole[task] ?? 0, share[task] ?? 0, -1);
    }
  }
}

/** Contents of the slots of a node. */
class SlotsOfNode {
  readonly #available: number;
  #whole = 0;
  /** Shares, largest first. */
  readonly #shares: number[] = [];
  #bins = 0;

  constructor(available: number) {
    this.#available = available;
  }

  /** Slots that are missing. */
  get over(): number {
    return Math.max(0, this.#whole + this.#bins - this.#available);
  }

  add(whole: number, share: number, sign: 1 | -1): void {
    this.#whole += sign * whole;
    if (share === 0) return;
    if (sign > 0) {
      let at = this.#shares.length;
      while (at > 0 && (this.#shares[at - 1] ?? 0) < share) at--;
      this.#shares.splice(at, 0, share);
    } else this.#shares.splice(this.#shares.indexOf(share), 1);
    this.#bins = binsOf(this.#shares);
  }

  /** Change of the square of what is missing. */
  change(whole: number, share: number, sign: 1 | -1): number {
    return sign > 0 ? this.replace(0, 0, whole, share) : this.replace(whole, share, 0, 0);
  }

  replace(wholeGone: number, shareGone: number, wholeCome: number, shareCome: number): number {
    const before = this.over;
    const bins = shareGone === shareCome ? this.#bins : binsOf(this.#shares, shareGone, shareCome);
    const after = Math.max(0, this.#whole + wholeCome - wholeGone + bins - this.#available);
    return after * after - before * before;
  }
}

/** Parts of slots that are taken, while shares are packed. */
const filled: number[] = [];

/** Slots that shares take up, packed first fit decreasing, with one of them gone and another one come; 0 for none. */
function binsOf(shares: readonly number[], gone = 0, come = 0): number {
  let [bins, out, waits] = [0, gone, come];
  for (let at = 0; at < shares.length; at++) {
    const share = shares[at] ?? 0;
    if (share === out) {
      out = 0;
      continue;
    }
    if (waits > share) {
      bins = Math.max(bins, firstFit(bins, waits) + 1);
      waits = 0;
    }
    bins = Math.max(bins, firstFit(bins, share) + 1);
  }
  return waits > 0 ? Math.max(bins, firstFit(bins, waits) + 1) : bins;
}

/** Puts a share on the first of the slots with room, or on a new one; returns which. */
function firstFit(bins: number, share: number): number {
  let slot = 0;
  while (slot < bins && (filled[slot] ?? 0) + share > SHARE_UNITS) slot++;
  filled[slot] = (slot < bins ? (filled[slot] ?? 0) : 0) + share;
  return slot;
}
