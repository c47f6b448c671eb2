/** A piece of work that needs resources of one node. */
export interface Task {
  /** Its name, unique among the tasks. */
  readonly id: string;
  /** How much of each resource it needs: finite numbers >= 0; what is not named is not needed. */
  readonly demand: Readonly<Record<string, number>>;
  /** Tasks it would like to share a node with; being apart costs {@link EnergyWeights.affinity} each. */
  readonly affinity?: readonly string[];
  /** Tasks it must not share a node with. */
  readonly antiAffinity?: readonly string[];
}

/** A machine that tasks can be placed on. */
export interface Node {
  /** Its name, unique among the nodes. */
  readonly id: string;
  /** How much of each resource it has: finite numbers >= 0; what is not named it does not have. */
  readonly capacity: Readonly<Record<string, number>>;
}

/** Two tasks that talk to each other: `weight` is paid when they are on different nodes. */
export interface Link {
  /** One task. */
  readonly a: string;
  /** The other task. */
  readonly b: string;
  /** How much they talk, >= 0. @defaultValue 1 */
  readonly weight?: number;
}

/** How much each soft term of the energy counts; each a finite number >= 0. */
export interface EnergyWeights {
  /** For the sum over nodes and resources of (utilisation - mean)². @defaultValue 1 */
  readonly balance?: number;
  /** For the weights of links between nodes. @defaultValue 1 */
  readonly communication?: number;
  /** For each affinity between nodes. @defaultValue 1 */
  readonly affinity?: number;
  /** For each task that leaves the node it was on. @defaultValue 1 */
  readonly migration?: number;
}

/** Parts of a problem beside tasks and nodes. */
export interface ProblemOptions {
  /** Which tasks talk to each other. Links of the same two tasks add up. */
  readonly links?: readonly Link[];
  /** Where tasks run now. Tasks and nodes that are gone are ignored. */
  readonly previous?: Readonly<Record<string, string>>;
  /** Weight of each soft term. */
  readonly weights?: EnergyWeights;
}

/** Everything that {@link compile} reads. The order of tasks, nodes and links means nothing. */
export interface SchedulingProblem extends ProblemOptions {
  /** Tasks to place. */
  readonly tasks: readonly Task[];
  /** Nodes to place tasks on. */
  readonly nodes: readonly Node[];
}

/** Amount of search, the same on every machine. */
export interface SearchOptions {
  /**
   * Seed of the search, a whole number from 0 to 2^32 - 1, or the same as a BigInt: same problem, seed and moves, same
   * placement.
   *
   * @defaultValue 1
   */
  readonly seed?: number | bigint;
  /**
   * Most steps of the search. A start counts one a task. The steps of a smaller number are the first ones of a larger,
   * so that more moves are never worse.
   *
   * @defaultValue every start and three rounds of annealing; more below 30 tasks, and while nothing fits
   */
  readonly moves?: number;
  /**
   * Try all placements, and so prove the best, if there are at most this many.
   * @defaultValue 20,000
   */
  readonly exhaustiveMax?: number;
}

/** Options of `IsingScheduler`. */
export interface SchedulerOptions extends ProblemOptions, SearchOptions {}
