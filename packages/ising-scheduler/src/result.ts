import type { ClusterReport, Shortage } from "./shortage.ts";
import type { StartName } from "./starts/starts.ts";
import type { ClusterTerms } from "./cluster/terms/terms.ts";
import type { Terms } from "./terms/terms.ts";

/** The energy of a placement, and what each term of the objective adds to it. Lower is better. Problems of `/cluster` have more terms than others. */
export interface Energy extends Terms<number>, Partial<ClusterTerms<number>> {
  /** The sum of all terms. */
  readonly total: number;
}

/** What the scheduler found. */
export interface SchedulingResult extends ClusterReport {
  /** Node of each task, but for those that wait. Not to be used if `feasible` is false. */
  readonly placement: Readonly<Record<string, string>>;
  /** True if every capacity and every rule is kept. */
  readonly feasible: boolean;
  /** Whether all placements were tried, so that this one (or that there is none) is proved the best. */
  readonly proved: boolean;
  /** Its energy, by term. */
  readonly energy: Energy;
  /** What is missing where; empty if feasible. */
  readonly shortages: readonly Shortage[];
  /** Pairs of tasks that must be apart and are not; empty if feasible. */
  readonly conflicts: readonly (readonly [string, string])[];
  /** The simple rules that were tried first, and what each is worth: none is better than the result. */
  readonly starts: readonly Start[];
  /** Steps of the search: moves, swaps and moves of groups that were tried, and one a task for each start. */
  readonly moves: number;
  /** Why the search ended. */
  readonly stopped: StopReason;
  /** Options that give this placement again, on any machine. */
  readonly replay: { readonly seed: number; readonly moves: number };
}

/** A simple rule, and the placement that it gave. */
export interface Start {
  /** Name of the rule. */
  readonly name: StartName;
  /** True if its placement kept every capacity and every separation. */
  readonly feasible: boolean;
  /** Energy of its placement, penalties included. */
  readonly energy: number;
}

/** Why a search ended: all placements were tried, its rounds or moves were made, its time was over, or it was aborted. */
export type StopReason = "proved" | "moves" | "deadline" | "abort";

/** What it would mean to put a task on a node: see {@link TaskExplanation}. */
export interface Alternative {
  /** The node. */
  readonly node: string;
  /** Change of each term of the energy against the chosen node; all 0 for the chosen one. */
  readonly delta: Energy;
  /** Resources that would be short there, and by how much. */
  readonly shortages: readonly Shortage[];
  /** Tasks there that the task must be apart from. */
  readonly conflicts: readonly string[];
  /** Rules of `/cluster` that forbid it, in words. */
  readonly forbidden?: readonly string[];
}

/** Why a task is where it is. */
export interface TaskExplanation {
  /** The task. */
  readonly task: string;
  /** The node it was given; empty if it waits. */
  readonly node: string;
  /** Every node with all other tasks left where they are, best first, those that are blocked last. */
  readonly alternatives: readonly Alternative[];
}
