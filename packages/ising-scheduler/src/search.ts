import { Assignment, energyOf, UNPLACED } from "./assignment.ts";
import type { Problem } from "./compile.ts";
import { threshold } from "./metropolis.ts";
import { Random } from "./random.ts";

/** What a search found. */
export interface Found {
  /** Node of each task: the best feasible placement, or the best of all if none was feasible. */
  readonly place: Int32Array;
  readonly feasible: boolean;
  /** Whether every placement was tried. */
  readonly exhaustive: boolean;
  readonly moves: number;
}

/** How much to search. */
export interface Effort {
  readonly seed: number;
  readonly moves: number;
  readonly runs: number;
  readonly exhaustiveMax: number;
}

/** Steps of the temperature in one run. */
const LEVELS = 50;
/** The last temperature is this part of the size of a usual soft move: almost nothing goes uphill then. */
const COLDEST = 1 / 800;
/** Random moves whose size sets the first temperature. */
const PROBES = 128;
/** Passes over all single moves at the end. */
const PASSES_MAX = 8;

/**
 * Finds a placement of low energy: all of them if they are few, else simulated annealing (Kirkpatrick, Gelatt and
 * Vecchi, 1983) by moves and swaps. Even runs begin at the better of two greedy placements, no hotter than the soft
 * terms need, so they hardly ever overload; odd ones begin so hot that overload is no barrier, and so reach every
 * placement.
 */
export function search(problem: Problem, effort: Effort): Found {
  const best = new Best();
  if (placements(problem) <= effort.exhaustiveMax) {
    return best.found(true, enumerate(problem, best));
  }
  const random = new Random(effort.seed);
  for (const { place } of [greedyStart(problem), bestFitStart(problem)]) replay(problem, place, best);
  const start = best.place;
  let moves = 0;
  for (let run = 0; run < effort.runs; run++) {
    moves += anneal(problem, start, run % 2 === 1, random, effort.moves, best);
  }
  moves += descend(problem, best);
  return best.found(false, moves);
}

/** The best placement so far: a feasible one before one that is not, then by energy. The first of equals is kept. */
class Best {
  energy = Infinity;
  feasible = false;
  place: Int32Array = new Int32Array(0);

  offer(assignment: Assignment, energy: number): void {
    if (assignment.feasible === this.feasible ? energy >= this.energy : this.feasible) return;
    [this.energy, this.feasible, this.place] = [energy, assignment.feasible, assignment.place.slice()];
  }

  found(exhaustive: boolean, moves: number): Found {
    return { place: this.place, feasible: this.feasible, exhaustive, moves };
  }
}

/** How many placements there are; Infinity beyond what a double holds. */
function placements({ tasks, nodes }: Problem): number {
  return nodes.length ** tasks.length;
}

/**
 * Offers every placement, each one step of one task away from the one before (a reflected Gray code). The last task
 * changes fastest, so of placements with the same energy the one that fills the first nodes first is met first.
 */
function enumerate(problem: Problem, best: Best): number {
  const [tasks, nodes] = [problem.tasks.length, problem.nodes.length];
  const replayed = replay(problem, new Int32Array(tasks), best);
  const { assignment } = replayed;
  let { energy } = replayed;
  const direction = new Int8Array(tasks).fill(1);
  let moves = 0;
  for (let task = tasks - 1; task >= 0; ) {
    const to = (assignment.place[task] ?? 0) + (direction[task] ?? 0);
    if (to < 0 || to >= nodes) {
      direction[task] = -(direction[task] ?? 0);
      task--;
      continue;
    }
    energy += assignment.change(task, to);
    assignment.move(task, to);
    best.offer(assignment, energy);
    moves++;
    task = tasks - 1;
  }
  return moves;
}

/** Largest tasks first, each where the energy grows least. */
function greedyStart(problem: Problem): Assignment {
  const assignment = new Assignment(problem);
  for (const task of largestFirst(problem)) {
    let [chosen, least] = [0, Infinity];
    for (let node = 0; node < problem.nodes.length; node++) {
      const change = assignment.change(task, node);
      if (change < least) [chosen, least] = [node, change];
    }
    assignment.move(task, chosen);
  }
  return assignment;
}

/**
 * Best fit decreasing, blind to the soft terms: largest tasks first, each on the fullest node where it fits; where none
 * does, where it overloads least. It packs tightly, which helps when there is little room.
 */
function bestFitStart(problem: Problem): Assignment {
  const assignment = new Assignment(problem);
  for (const task of largestFirst(problem)) {
    let [chosen, least, fullest] = [0, Infinity, -1];
    for (let node = 0; node < problem.nodes.length; node++) {
      assignment.change(task, node);
      const fill = assignment.fill(node);
      if (assignment.hardChange < least || (assignment.hardChange === least && fill > fullest)) {
        [chosen, least, fullest] = [node, assignment.hardChange, fill];
      }
    }
    assignment.move(task, chosen);
  }
  return assignment;
}

/** Tasks by the largest part of a resource's total capacity that they need, most first. */
function largestFirst({ tasks, resources, demand, totalCapacity }: Problem): readonly number[] {
  const size = (task: number): number => {
    let largest = 0;
    for (let r = 0; r < resources.length; r++) {
      const total = totalCapacity[r] ?? 0;
      if (total > 0) largest = Math.max(largest, (demand[task * resources.length + r] ?? 0) / total);
    }
    return largest;
  };
  const sizes = tasks.map((_, task) => size(task));
  return tasks.map((_, task) => task).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
}

/** The assignment of a placement, and its energy; the placement is offered. */
function replay(problem: Problem, place: Int32Array, best: Best): { assignment: Assignment; energy: number } {
  const assignment = new Assignment(problem);
  place.forEach((node, task) => assignment.move(task, node));
  const energy = Object.values(energyOf(problem, place)).reduce((sum, term) => sum + term, 0);
  best.offer(assignment, energy);
  return { assignment, energy };
}

/** One run from a start. Returns how many moves it tried. */
function anneal(problem: Problem, start: Int32Array, hot: boolean, random: Random, moves: number, best: Best): number {
  const replayed = replay(problem, start, best);
  const { assignment } = replayed;
  let { energy } = replayed;
  const { soft, all } = usualChanges(problem, assignment, random);
  let temperature = hot ? all : soft;
  const cooling = root((soft * COLDEST) / temperature, LEVELS);
  const perLevel = Math.ceil(moves / LEVELS);
  for (let level = 0; level < LEVELS; level++, temperature *= cooling) {
    for (let move = 0; move < perLevel; move++) {
      const task = random.below(problem.tasks.length);
      const to = target(problem, assignment, task, random);
      const from = assignment.place[task] ?? UNPLACED;
      if (to === from) continue;
      const other = random.next() & 3 ? UNPLACED : partnerOn(assignment, to, random);
      const limit = temperature * threshold(random.next());
      let change = assignment.change(task, to);
      if (other === UNPLACED) {
        if (change > limit) continue;
        assignment.move(task, to);
      } else {
        assignment.move(task, to);
        change += assignment.change(other, from);
        if (change > limit) {
          assignment.move(task, from);
          continue;
        }
        assignment.move(other, from);
      }
      energy += change;
      best.offer(assignment, energy);
    }
  }
  return perLevel * LEVELS;
}

/**
 * Takes every single move that improves the best placement, until there is none or {@link PASSES_MAX} passes are over.
 */
function descend(problem: Problem, best: Best): number {
  const replayed = replay(problem, best.place, best);
  const { assignment } = replayed;
  let { energy } = replayed;
  let moves = 0;
  for (let pass = 0, improved = true; pass < PASSES_MAX && improved; pass++) {
    improved = false;
    for (let task = 0; task < problem.tasks.length; task++) {
      for (let node = 0; node < problem.nodes.length; node++) {
        moves++;
        const change = assignment.change(task, node);
        if (change >= 0 || (assignment.feasible && assignment.hardChange > 0)) continue;
        assignment.move(task, node);
        energy += change;
        improved = true;
      }
    }
    best.offer(assignment, energy);
  }
  return moves;
}

/** The mean size of the changes of random moves, of the soft terms and of all: the first temperatures. */
function usualChanges(problem: Problem, assignment: Assignment, random: Random): { soft: number; all: number } {
  let [soft, all] = [0, 0];
  for (let probe = 0; probe < PROBES; probe++) {
    const change = assignment.change(random.below(problem.tasks.length), random.below(problem.nodes.length));
    soft += Math.abs(change - assignment.hardChange);
    all += Math.abs(change);
  }
  // A problem without soft terms still needs a temperature; one quantum is the least that there is.
  return { soft: Math.max(1, soft / PROBES), all: Math.max(1, all / PROBES) };
}

/** The `degree`-th root of 0 < value <= 1, by halving: `Math.pow` may differ between machines. */
function root(value: number, degree: number): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    let power = 1;
    for (let factor = 0; factor < degree; factor++) power *= middle;
    if (power < value) low = middle;
    else high = middle;
  }
  return high;
}

/** A node to try: half of the time that of a random partner, where there is one. */
function target({ links, nodes }: Problem, assignment: Assignment, task: number, random: Random): number {
  const start = links.start[task] ?? 0;
  const partners = (links.start[task + 1] ?? 0) - start;
  if (partners === 0 || random.next() & 1) return random.below(nodes.length);
  return assignment.place[links.task[start + random.below(partners)] ?? 0] ?? 0;
}

/** A random task on the node, by a few draws; {@link UNPLACED} if they missed. */
function partnerOn({ place }: Assignment, node: number, random: Random): number {
  for (let draw = 0; draw < 4; draw++) {
    const task = random.below(place.length);
    if (place[task] === node) return task;
  }
  return UNPLACED;
}
