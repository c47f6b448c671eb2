import type { Problem } from "../../compile/arrays.ts";
import type { Term, Tracked } from "../../compile/arrays.ts";
import type { Bound } from "../parts.ts";

/** Members of groups that are too many in one domain, for bounds that are a must or for those that cost. */
export function bounds(all: readonly Bound[], hard: boolean): Term {
  const cost = ({ conflictCost }: Problem, { quanta }: Bound): number => (hard ? conflictCost : quanta);
  return {
    hard,
    of: (problem, place) =>
      all.reduce((sum, bound) => {
        const followed = new Followed(bound, hard);
        place.forEach((node, task) => node >= 0 && followed.move(task, -1, node));
        return sum + followed.excess * cost(problem, bound);
      }, 0),
    track: (problem) => new Bounds(all.map((bound) => [new Followed(bound, hard), cost(problem, bound)])),
  };
}

class Bounds implements Tracked {
  readonly #all: readonly (readonly [Followed, number])[];

  constructor(all: readonly (readonly [Followed, number])[]) {
    this.#all = all;
  }

  change(task: number, from: number, to: number): number {
    let change = 0;
    for (const [bound, cost] of this.#all) change += bound.change(task, from, to) * cost;
    return change;
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    let change = 0;
    for (const [bound, cost] of this.#all) {
      // Two members that change places change nothing; one member moves.
      const [memberA, memberB] = [bound.isMember(a), bound.isMember(b)];
      if (memberA && !memberB) change += bound.change(a, nodeA, nodeB) * cost;
      if (memberB && !memberA) change += bound.change(b, nodeB, nodeA) * cost;
    }
    return change;
  }

  move(task: number, from: number, to: number): void {
    for (const [bound] of this.#all) bound.move(task, from, to);
  }
}

/** Members in each domain, and how many domains have so many. */
class Followed {
  readonly #bound: Bound;
  readonly #strict: boolean;
  readonly #count: Int32Array;
  readonly #domainsWith: number[];
  #most = 0;
  #least = 0;
  /** Members above `max`, and on nodes of no domain. */
  #above = 0;

  constructor(bound: Bound, strict: boolean) {
    [this.#bound, this.#strict] = [bound, strict];
    this.#count = new Int32Array(bound.domains);
    this.#domainsWith = [bound.domains];
  }

  get excess(): number {
    return this.#above + Math.max(0, this.#most - this.#least - this.#bound.skew);
  }

  isMember(task: number): boolean {
    return this.#bound.member[task] === 1;
  }

  /** Change of the excess; the domains are put back. */
  change(task: number, from: number, to: number): number {
    if (!this.isMember(task)) return 0;
    const before = this.excess;
    this.move(task, from, to);
    const change = this.excess - before;
    this.move(task, to, from);
    return change;
  }

  move(task: number, from: number, to: number): void {
    if (!this.isMember(task)) return;
    this.#add(from, -1);
    this.#add(to, 1);
  }

  #add(node: number, one: 1 | -1): void {
    if (node < 0) return;
    const domain = this.#bound.domain[node] ?? -1;
    if (domain < 0) {
      this.#above += this.#strict ? one : 0;
      return;
    }
    const before = this.#count[domain] ?? 0;
    const after = before + one;
    this.#count[domain] = after;
    this.#domainsWith[before] = (this.#domainsWith[before] ?? 0) - 1;
    this.#domainsWith[after] = (this.#domainsWith[after] ?? 0) + 1;
    if (Math.max(before, after) > this.#bound.max) this.#above += one;
    if (after > this.#most || (before === this.#most && this.#domainsWith[before] === 0)) this.#most = after;
    if (after < this.#least || (before === this.#least && this.#domainsWith[before] === 0)) this.#least = after;
  }
}
