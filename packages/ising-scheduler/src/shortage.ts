/** One reason why tasks do not fit: a resource, and by how much it falls short. */
export interface Shortage {
  /** The resource that is short. */
  readonly resource: string;
  /** The node where it is short; left out if all nodes together have too little. */
  readonly node?: string;
  /** The task that fits on no node; left out if it is the sum that does not fit. */
  readonly task?: string;
  /** Demand of the tasks. */
  readonly needed: number;
  /** Capacity of the nodes. */
  readonly available: number;
  /** `needed - available`. */
  readonly missing: number;
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

/** Fields of a result that only problems of `/cluster` have. */
export interface ClusterReport {
  /** Tasks that wait, the most important first; given for problems with `mayWait`. */
  readonly unplaced?: readonly Unplaced[];
  /** Slots of each task, by resource; given for problems with `slots`. */
  readonly slots?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}
