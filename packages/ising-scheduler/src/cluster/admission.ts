import { UNPLACED } from "../compile/partners.ts";
import type { Placement } from "../compile/arrays.ts";
import type { Stage } from "../compile/arrays.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Importance } from "./parts.ts";
import { intrudes } from "./terms/displacement.ts";

/** Tasks that must be placed and break a rule, for which others make room in one go. */
const MISPLACED_MAX = 16;
/** Tasks that are tried as the second one in the place of one that is larger. */
const TRADES_MAX = 32;

/** A way to place a task: its node, and the units that go for it. */
interface Plan {
  readonly node: number;
  readonly victims: readonly number[];
  /** Importance of the most important victim: the higher, the less important. */
  readonly level: number;
  readonly soft: number;
}

/**
 * Places tasks that wait, the most important first: where there is room, else in place of less important ones, which then
 * wait themselves, else where another task can move out of the way. Running tasks go only for tasks that may preempt. Afterwards no task waits that fits somewhere, nor for
 * a less important one that it could displace.
 */
export class Admission implements Stage {
  readonly #problem: Problem;
  readonly #assignment: Placement;
  readonly #importance: Importance;
  /** Units that wait and were not tried yet, the most important first. */
  readonly #queue: number[];
  /** Some of the units that waited in the beginning. */
  readonly #waiting: readonly number[];
  #node = 0;
  #plan: Plan | undefined;
  /** True while room is looked for by moving others. */
  #shifting = false;
  /** Shapes that did not fit, since the last task made room. */
  readonly #failed = new Set<number>();

  constructor(problem: Problem, assignment: Placement, importance: Importance) {
    [this.#problem, this.#assignment, this.#importance] = [problem, assignment, importance];
    assignment.moveToBest();
    this.#relieve();
    this.#queue = importance.units.flatMap(([task], unit) => (task !== undefined && assignment.place[task] === UNPLACED ? [unit] : []));
    this.#queue.sort((a, b) => this.#levelOf(a) - this.#levelOf(b) || this.#sizeOf(a) - this.#sizeOf(b) || a - b);
    this.#waiting = this.#queue.slice(0, TRADES_MAX);
  }

  get done(): boolean {
    return this.#queue.length === 0;
  }

  advance(limit: number): number {
    let took = 0;
    for (; took < limit && !this.done; took++) {
      const unit = this.#queue[0] ?? 0;
      const tasks = this.#importance.units[unit] ?? [];
      const [task] = tasks;
      if (task === undefined || tasks.length > 1) {
        this.#queue.shift();
        this.#admitGang(tasks);
      } else if (this.#node === 0 && this.#failed.has(this.#importance.shape[task] ?? -1)) this.#queue.shift();
      else if (this.#shifting) this.#shiftFor(task);
      else this.#probe(task);
    }
    return took;
  }

  /** Looks at one node for a task, and places the task after the last node. */
  #probe(task: number): void {
    this.#plan = better(this.#plan, this.#planFor(task, this.#node, this.#plan?.victims.length !== 0));
    this.#node++;
    if (this.#node < this.#problem.nodes.length) return;
    const plan = this.#plan;
    [this.#node, this.#plan] = [0, undefined];
    if (!plan) {
      this.#shifting = true;
      return;
    }
    this.#queue.shift();
    this.#carryOut(task, plan);
  }

  /** Looks at one node for a task that would fit there if another one went somewhere else. */
  #shiftFor(task: number): void {
    const node = this.#node++;
    const last = this.#node === this.#problem.nodes.length;
    const placed = [...this.#assignment.on(node)].some((other) => this.#shift(task, node, other));
    if (!placed && !last) return;
    [this.#node, this.#shifting] = [0, false];
    this.#queue.shift();
    const shape = this.#importance.shape[task] ?? -1;
    if (placed) this.#failed.clear();
    else if (shape >= 0) this.#failed.add(shape);
  }

  /** Moves another task to the first node with room for it, if that makes room for this one. */
  #shift(task: number, node: number, other: number): boolean {
    const assignment = this.#assignment;
    if (this.#failed.has(this.#importance.shape[other] ?? -1)) return false;
    assignment.move(other, UNPLACED);
    if (assignment.changeHard(task, node) <= 0) {
      assignment.move(task, node);
      for (let to = 0; to < this.#problem.nodes.length; to++) {
        if (assignment.changeHard(other, to) > 0) continue;
        assignment.move(other, to);
        this.#improved();
        return true;
      }
      if (this.#trade(other, node)) return true;
      assignment.move(task, UNPLACED);
    }
    assignment.move(other, node);
    return false;
  }

  /** A way to place a task on a node: without victims if there is room, else with as few and unimportant ones as can be, if they are asked for. */
  #planFor(task: number, node: number, withVictims: boolean): Plan | undefined {
    const assignment = this.#assignment;
    if (assignment.changeHard(task, node) <= 0) {
      return { node, victims: [], level: Infinity, soft: assignment.changeSoft(task, node) };
    }
    if (!withVictims) return undefined;
    const victims = this.#victimsFor(task, node);
    if (victims.length === 0) return undefined;
    const gone: (readonly [unit: number, places: readonly number[]])[] = [];
    for (const unit of victims) {
      gone.push([unit, this.#remove(unit)]);
      if (assignment.changeHard(task, node) <= 0) break;
    }
    let plan: Plan | undefined;
    if (assignment.changeHard(task, node) <= 0) {
      // The most important victims stay if the others are enough.
      const needed = gone.filter(([unit, places]) => {
        this.#restore(unit, places);
        if (assignment.changeHard(task, node) <= 0) return false;
        this.#remove(unit);
        return true;
      });
      const level = Math.min(...needed.map(([unit]) => this.#levelOf(unit)));
      plan = { node, victims: needed.map(([unit]) => unit), level, soft: assignment.changeSoft(task, node) };
    }
    for (const [unit, places] of gone) this.#restore(unit, places);
    return plan;
  }

  /** Units on a node that a task may displace, the least important first. */
  #victimsFor(task: number, node: number): readonly number[] {
    const { may, level, runs, priority, preempts, unitOf } = this.#importance;
    const mine = level[task] ?? 0;
    const units = new Set<number>();
    for (const other of this.#assignment.on(node)) {
      if (may[other] === 1 && (level[other] ?? 0) > mine) units.add(unitOf[other] ?? 0);
    }
    const displaceable = [...units].filter((unit) =>
      (this.#importance.units[unit] ?? []).every(
        (other) => runs[other] === 0 || (preempts[task] === 1 && (priority[other] ?? 0) < (priority[task] ?? 0)),
      ),
    );
    return displaceable.sort((a, b) => this.#levelOf(b) - this.#levelOf(a) || this.#sizeOf(b) - this.#sizeOf(a) || a - b);
  }

  /** Lets a task wait that was taken from a node, if a second one of no less importance fits there in its place. */
  #trade(other: number, node: number): boolean {
    const { may, runs, level, units, unitOf } = this.#importance;
    const unit = unitOf[other] ?? 0;
    if (may[other] !== 1 || runs[other] === 1 || units[unit]?.length !== 1) return false;
    const assignment = this.#assignment;
    for (const second of this.#waiting) {
      const [task] = units[second] ?? [];
      if (task === undefined || second === unit || assignment.place[task] !== UNPLACED || units[second]?.length !== 1) continue;
      if ((level[task] ?? 0) > (level[other] ?? 0) || assignment.changeHard(task, node) > 0) continue;
      assignment.move(task, node);
      this.#enqueue(unit);
      this.#improved();
      return true;
    }
    return false;
  }

  #carryOut(task: number, { node, victims }: Plan): void {
    for (const unit of victims) {
      this.#remove(unit);
      this.#enqueue(unit);
    }
    if (victims.length > 0) this.#failed.clear();
    this.#assignment.move(task, node);
    this.#improved();
  }

  /** Places all tasks of a gang, or none. */
  #admitGang(tasks: readonly number[]): void {
    const victims: number[] = [];
    const undo: (() => void)[] = [];
    for (const task of tasks) {
      let plan: Plan | undefined;
      for (let node = 0; node < this.#problem.nodes.length; node++) {
        plan = better(plan, this.#planFor(task, node, plan?.victims.length !== 0));
      }
      if (!plan) {
        for (const step of undo.toReversed()) step();
        return;
      }
      for (const unit of plan.victims) {
        const places = this.#remove(unit);
        undo.push(() => this.#restore(unit, places));
        victims.push(unit);
      }
      this.#assignment.move(task, plan.node);
      undo.push(() => this.#assignment.move(task, UNPLACED));
    }
    for (const unit of victims) this.#enqueue(unit);
    if (victims.length > 0) this.#failed.clear();
    this.#improved();
  }

  /** Offers a placement in which less waits than before. */
  #improved(): void {
    this.#assignment.waits -= 1;
    this.#assignment.offer();
  }

  #enqueue(unit: number): void {
    const level = this.#levelOf(unit);
    const at = this.#queue.findIndex((other) => this.#levelOf(other) > level);
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, unit);
  }

  /** Takes a unit from its nodes; returns which they were. */
  #remove(unit: number): readonly number[] {
    const tasks = this.#importance.units[unit] ?? [];
    const places = tasks.map((task) => this.#assignment.place[task] ?? UNPLACED);
    for (const task of tasks) this.#assignment.move(task, UNPLACED);
    return places;
  }

  #restore(unit: number, places: readonly number[]): void {
    (this.#importance.units[unit] ?? []).forEach((task, at) => this.#assignment.move(task, places[at] ?? UNPLACED));
  }

  /** Tasks that may wait make room for those that may not, the least important first. */
  #relieve(): void {
    const assignment = this.#assignment;
    if (assignment.hard === 0) return;
    const { may, units, runs } = this.#importance;
    const order = units.map((_, unit) => unit).sort((a, b) => this.#levelOf(b) - this.#levelOf(a) || b - a);
    for (const unit of order) {
      const tasks = units[unit] ?? [];
      if (assignment.hard === 0 || !tasks.every((task) => may[task] === 1 && (runs[task] === 0 || this.#mayGo(task)))) continue;
      const before = assignment.hard;
      const places = this.#remove(unit);
      if (assignment.hard >= before) this.#restore(unit, places);
    }
    let tried = 0;
    for (let task = 0; task < may.length && assignment.hard > 0 && tried < MISPLACED_MAX; task++) {
      const node = assignment.place[task] ?? UNPLACED;
      if (may[task] === 1 || assignment.changeHard(task, UNPLACED) >= 0) continue;
      tried++;
      assignment.move(task, UNPLACED);
      let plan: Plan | undefined;
      for (let to = 0; to < this.#problem.nodes.length; to++) plan = better(plan, this.#planFor(task, to, plan?.victims.length !== 0));
      for (const unit of plan?.victims ?? []) this.#remove(unit);
      assignment.move(task, plan?.node ?? node);
    }
    assignment.offer();
  }

  /** Returns true if all that are on the node where a task runs have a right to its room. */
  #mayGo(task: number): boolean {
    const { home } = this.#problem;
    return this.#assignment.on(home[task] ?? 0).every((other) => !intrudes(this.#importance, home, other, task));
  }

  #levelOf(unit: number): number {
    return this.#importance.level[this.#importance.units[unit]?.[0] ?? 0] ?? 0;
  }

  /** The largest part of a resource's total that a unit needs. */
  #sizeOf(unit: number): number {
    const { demandUnits, totalUnits } = this.#problem;
    let size = 0;
    for (const task of this.#importance.units[unit] ?? []) {
      totalUnits.forEach((total, r) => (size = Math.max(size, (demandUnits[task * totalUnits.length + r] ?? 0) / Math.max(1, total))));
    }
    return size;
  }
}

/** The less important victims, then the fewer, then the lower energy. */
function better(a: Plan | undefined, b: Plan | undefined): Plan | undefined {
  if (!a || !b) return a ?? b;
  if (a.level !== b.level) return b.level > a.level ? b : a;
  if (a.victims.length !== b.victims.length) return b.victims.length < a.victims.length ? b : a;
  return b.soft < a.soft ? b : a;
}
