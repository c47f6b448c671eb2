/** The energy of a placement, and what each term of the objective adds to it. Lower is better. */
export interface Energy {
  /** The sum of all terms. */
  readonly total: number;
  /** Penalty for load above capacity; 0 in every placement that is returned as feasible. */
  readonly overload: number;
  /** Penalty for tasks together that must be apart; 0 in every placement that is returned as feasible. */
  readonly conflicts: number;
  /** Unevenness: the sum over nodes and resources of (utilisation - mean utilisation)². */
  readonly balance: number;
  /** Weight of links whose tasks sit on different nodes. */
  readonly communication: number;
  /** Weight of affinities whose tasks sit on different nodes. */
  readonly affinity: number;
  /** Weight of tasks that left the node they were on. */
  readonly migration: number;
  /** Penalty for tasks on nodes without the labels that they require, with taints that they do not tolerate, or away from the node to which they are pinned. */
  readonly eligibility?: number;
  /** Penalty for groups that are not spread as they must be. */
  readonly separation?: number;
  /** Penalty for tasks in the room of running tasks that they may not displace. */
  readonly displacement?: number;
  /** Penalty for more slots than a node has. */
  readonly slots?: number;
  /** Penalty for more migrations than `maxMigrations`. */
  readonly migrations?: number;
  /** Weight of preferred labels that nodes do not have, and of taints that they avoid. */
  readonly preference?: number;
  /** Cost of tasks on their nodes. */
  readonly cost?: number;
  /** Weight of groups that are not spread as they would be. */
  readonly spread?: number;
}

/** Name of a term that problems of `/cluster` may have. */
export type ClusterTermName = "eligibility" | "separation" | "displacement" | "slots" | "migrations" | "preference" | "cost" | "spread";

/** Name of a term: those of {@link Energy}, but for the sum and those of `/cluster`. */
export type TermName = Exclude<keyof Energy, "total" | ClusterTermName>;

/** One reason why tasks do not fit: a resource, and by how much it falls short. */
export interface Shortage {
  /** The resource that is short. */
  readonly resource: string;
  /** The node where it is short; left out if all nodes together have too little. */
  readonly node?: string;
  /** The task that fits on no node; left out if it is the sum that does not fit. */
  readonly task?: string;
  /** What the tasks need of it. */
  readonly needed: number;
  /** What there is. */
  readonly available: number;
  /** `needed - available`. */
  readonly missing: number;
}

/** What the scheduler found. */
export interface SchedulingResult {
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
  /** Tasks that wait, the most important first; given for problems with `mayWait`. */
  readonly unplaced?: readonly Unplaced[];
  /** Slots of each task, by resource; given for problems with `slots`. */
  readonly slots?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/** A task that waits. */
export interface Unplaced {
  /** The task. */
  readonly task: string;
  /** Its priority. */
  readonly priority: number;
  /** Reason in words, with the node where least is missing. */
  readonly reason: string;
  /** Node where least is missing; left out if rules forbid every node. */
  readonly nearest?: string;
  /** Resources that are missing there. */
  readonly shortages: readonly Shortage[];
}

/** Name of a start: the files of these rules are in `src/starts`. */
export type StartName = "bestFit" | "previous" | "clusters" | "roundRobin" | "firstFit" | "dotProduct";

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
