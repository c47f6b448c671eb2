/**
 * Additions of `/cluster` to a problem, as plain data that goes to other threads as it is. Tasks and nodes are in the order of
 * their ids. Each part is undefined where the problem does not need it.
 */
export interface Parts {
  readonly eligibility?: Eligibility | undefined;
  readonly preference?: NodeCosts | undefined;
  readonly cost?: NodeCosts | undefined;
  /** Bounds that are a must. */
  readonly separation: readonly Bound[];
  /** Bounds that cost. */
  readonly spread: readonly Bound[];
  readonly slots: readonly Slots[];
  readonly distance?: Zones | undefined;
  readonly maxMigrations?: number | undefined;
  readonly waiting?: Importance | undefined;
  /** Nodes of `previous` that are gone, by task. */
  readonly gone: Readonly<Record<string, string>>;
}

/** Nodes on which tasks may be. Tasks of the same rules are of one class. */
export interface Eligibility {
  readonly classOf: Int32Array;
  /** 1 if class c may be on node n, at `c * nodes + n`. */
  readonly allowed: Uint8Array;
  /** Rules of each class, for explanations. */
  readonly rules: readonly Rules[];
  readonly labels: readonly Readonly<Record<string, string>>[];
  readonly taints: readonly (readonly string[])[];
}

/** Rules for the node of a task. */
export interface Rules {
  readonly requires: readonly (readonly [label: string, values: readonly string[]])[];
  readonly tolerates: readonly string[];
  /** Name of the only node, gone or not. */
  readonly pinned: string | undefined;
}

/** Quanta of tasks on nodes: class c on node n at `c * nodes + n`. */
export interface NodeCosts {
  readonly classOf: Int32Array;
  readonly quanta: Float64Array;
}

/** A bound on the members of a group in each domain. */
export interface Bound {
  readonly group: string;
  readonly over: string;
  /** 1 for members. */
  readonly member: Uint8Array;
  /** Domain of each node; -1 for none. */
  readonly domain: Int32Array;
  readonly domains: number;
  readonly skew: number;
  readonly max: number;
  readonly quanta: number;
}

/** A resource in slots. */
export interface Slots {
  readonly resource: string;
  /** Whole slots of each task. */
  readonly whole: Float64Array;
  /** Share of each task, in {@link SHARE_UNITS}. */
  readonly share: Float64Array;
  readonly available: Float64Array;
}

/** One slot, in units of shares. */
export const SHARE_UNITS = 1_000_000;

/** Zones and their distances, in {@link DISTANCE_UNITS}: from a to b at `a * zones + b`. */
export interface Zones {
  readonly zone: Int32Array;
  readonly zones: number;
  readonly distance: Float64Array;
}

/** A distance of 1. Costs of links are whole multiples of as many quanta, so that products are whole. */
export const DISTANCE_UNITS = 64;

/** Tasks that may wait, and the tasks that they wait for. */
export interface Importance {
  /** 1 if a task may wait. */
  readonly may: Uint8Array;
  readonly priority: Float64Array;
  readonly preempts: Uint8Array;
  /** 1 if a task runs: its node of before is there, and has room for it. */
  readonly runs: Uint8Array;
  /** 0 for tasks that must be placed, then the most important first: by priority, and running before others. */
  readonly level: Int32Array;
  /** Unit of each task: tasks that are placed together or not at all. */
  readonly unitOf: Int32Array;
  /** Tasks of each unit. */
  readonly units: readonly (readonly number[])[];
  /** Name of each unit that is a gang. */
  readonly gangs: readonly (string | undefined)[];
  /** Tasks of one shape are alike to all rules; -1 for tasks like no other. */
  readonly shape: Int32Array;
}
