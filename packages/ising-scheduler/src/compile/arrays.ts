import type { Partners } from "./partners.ts";
import type { Tables } from "./read-problem.ts";
import type { ClusterReport } from "../shortage.ts";

/**
 * The problem in flat arrays of integers, as the search reads it. Task t, node n, resource r; `[n, r]` is at
 * `n * resources + r`. Costs are quanta ({@link ENERGY_QUANTA}).
 */
export interface Problem extends Tables {
  /** Row of `demand` that task t needs on node n, at `t * nodes + n`; undefined where every task needs the same on all nodes. */
  readonly rows: Int32Array | undefined;
  /** The part of the problem that `/cluster` adds. */
  readonly more: Extension | undefined;
  readonly demandUnits: Float64Array;
  readonly capacityUnits: Float64Array;
  /** Units of a resource on all nodes together. */
  readonly totalUnits: Float64Array;
  /** False if units were rounded for some resource. */
  readonly exact: boolean;
  /** Utilisation units of a demand of 1 on `[n, r]`; 0 where the node has nothing of the resource. */
  readonly utilisationScale: Float64Array;
  /** Utilisation of r if all nodes were used alike. */
  readonly mean: Int32Array;
  readonly links: Partners;
  readonly affinities: Partners;
  readonly conflicts: Partners;
  /** Node of each task before; -1 for none. */
  readonly home: Int32Array;
  readonly balanceCost: number;
  readonly migrationCost: number;
  readonly overloadCost: number;
  readonly conflictCost: number;
  /** More than any one task can add to the soft terms of a placement without overload. */
  readonly taskCostMax: number;
}

/** The row of `demand` that holds the needs of a task on a node. */
export function rowOf({ rows, nodes }: Problem, task: number, node: number): number {
  return rows ? (rows[task * nodes.length + node] ?? task) : task;
}

/**
 * A term of the energy. Its value is a whole number of quanta, so that sums of changes are exact: after any number of
 * moves the tracked energy is the one computed from nothing, to the bit.
 */
export interface Term {
  /** True if a placement with more than 0 of the term is not feasible. */
  readonly hard: boolean;
  /** Returns the state that makes a change cheap, with nothing placed; undefined where the term is always 0. */
  track(problem: Problem, place: Int32Array): Tracked | undefined;
  /** Returns the quanta of a placement, computed from nothing. */
  of(problem: Problem, place: Int32Array): number;
}

/** A term that follows a placement. `from` and `to` are nodes or `UNPLACED`, never equal. */
export interface Tracked {
  /** Quanta by which the term would change; O(degree + resources). */
  change(task: number, from: number, to: number): number;
  /** Quanta by which the term would change if `a` on `nodeA` and `b` on `nodeB`, two nodes, changed places. */
  exchange(a: number, nodeA: number, b: number, nodeB: number): number;
  /** Follows a move. It is called before `place` changes. */
  move(task: number, from: number, to: number): void;
}

/**
 * The part of a problem that `/cluster` adds. The search reaches it through this face, so that a program that does without
 * `/cluster` does not bundle it.
 */
export interface Extension {
  /** Plain data of which another thread makes the extension again. */
  readonly parts: unknown;
  /** Terms beside those of TERMS, by name. One of the same name takes the place of the other. */
  readonly terms: Readonly<Record<string, Term>>;
  /** Tasks that may wait; undefined where all must be placed. */
  readonly waiting: Waiting | undefined;
  /** Fields of the result that only such problems have. */
  report(problem: Problem, place: Int32Array): ClusterReport;
  /** Rules that forbid a task on a node while all others stay. */
  forbids(problem: Problem, place: Int32Array, task: number): (node: number) => readonly string[];
}

/** Tasks that may be left out of a placement, least important first. */
export interface Waiting {
  /** Importance of each task, 0 for the highest; tasks that must be placed have 0. */
  readonly level: Int32Array;
  /** Returns true if a task may wait. */
  may(task: number): boolean;
  /** Returns a number below 0 if the first placement leaves out less than the second, 0 if they are alike in that. */
  compare(a: Int32Array, b: Int32Array): number;
  /** Returns true if no gang is placed in part. */
  isWhole(place: Int32Array): boolean;
  /** Puts tasks that run where they run, before others are placed. */
  settle(packing: Packed): void;
  /** Takes back the members of groups that could only be placed in part. */
  withdraw(packing: Packed): void;
  /** Places tasks that wait, in place of less important ones if need be. */
  admit(problem: Problem, placement: Placement): Stage;
}

/** Tasks on nodes while they are packed. */
interface Packed {
  readonly place: Int32Array;
  /** Puts a task on a node, or takes it back to none. */
  set(task: number, to: number): void;
}

/** A placement with its energy, as a stage changes it. */
export interface Placement {
  readonly place: Int32Array;
  /** Quanta of the hard terms. */
  readonly hard: number;
  /** Rank of the tasks that wait: lower where less important ones do, the same for placements that are alike in that. */
  waits: number;
  on(node: number): readonly number[];
  changeHard(task: number, to: number): number;
  changeSoft(task: number, to: number): number;
  move(task: number, to: number): void;
  moveToBest(): void;
  /** Offers the placement as it is now as the best. */
  offer(): void;
}

/** A part of a search. It can stop after any step and go on. */
export interface Stage {
  /** True once it is over. */
  readonly done: boolean;
  /** Makes up to `limit` steps; returns how many. */
  advance(limit: number): number;
}
