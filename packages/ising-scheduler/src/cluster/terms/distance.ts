import { forEachPair } from "../../compile/partners.ts";
import type { Problem } from "../../compile/arrays.ts";
import type { Term, Tracked } from "../../compile/arrays.ts";
import { DISTANCE_UNITS } from "../parts.ts";
import type { Zones } from "../parts.ts";

/** Communication by distance: the weight of each link times the distance of its nodes. */
export function communicationBy(zones: Zones): Term {
  return {
    hard: false,
    of({ links }, place) {
      let sum = 0;
      forEachPair(links, place, false, (a, b, at) => {
        sum += (links.cost[at] ?? 0) * between(zones, place[a] ?? 0, place[b] ?? 0);
      });
      return sum;
    },
    track: (problem, place) => (problem.links.task.length === 0 ? undefined : new Distances(problem, place, zones)),
  };
}

/** Distance of two nodes. A cost times this is a whole number. */
function between({ zone, zones, distance }: Zones, a: number, b: number): number {
  return a === b ? 0 : (distance[(zone[a] ?? 0) * zones + (zone[b] ?? 0)] ?? 0) / DISTANCE_UNITS;
}

class Distances implements Tracked {
  readonly #problem: Problem;
  readonly #place: Int32Array;
  readonly #zones: Zones;

  constructor(problem: Problem, place: Int32Array, zones: Zones) {
    [this.#problem, this.#place, this.#zones] = [problem, place, zones];
  }

  change(task: number, from: number, to: number): number {
    return this.#change(task, from, to, -1);
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    // The two are as far from each other before and after.
    return this.#change(a, nodeA, nodeB, b) + this.#change(b, nodeB, nodeA, a);
  }

  #change(task: number, from: number, to: number, except: number): number {
    const { start, task: partners, cost } = this.#problem.links;
    const end = start[task + 1] ?? 0;
    let change = 0;
    for (let at = start[task] ?? 0; at < end; at++) {
      const partner = partners[at] ?? 0;
      const node = this.#place[partner] ?? 0;
      if (node < 0 || partner === except) continue;
      if (to >= 0) change += (cost[at] ?? 0) * between(this.#zones, node, to);
      if (from >= 0) change -= (cost[at] ?? 0) * between(this.#zones, node, from);
    }
    return change;
  }

  move(): void {
    // The placement is all that there is to follow.
  }
}
