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

/** What {@link IsingScheduler} may be told beside tasks and nodes. */
export interface SchedulerOptions {
  /** Which tasks talk to each other. Links of the same two tasks add up. */
  readonly links?: readonly Link[];
  /** Where tasks run now. Tasks and nodes that are gone are ignored. */
  readonly previous?: Readonly<Record<string, string>>;
  /** How much each soft term counts. */
  readonly weights?: EnergyWeights;
  /** Seed of the search, a whole number from 0 to 2^32 - 1: same problem and seed, same placement. @defaultValue 1 */
  readonly seed?: number;
  /** Moves and swaps of each annealing run. @defaultValue 12,000, or 100 a task if that is more */
  readonly moves?: number;
  /** Annealing runs, each from the greedy start; the best result counts. @defaultValue 2 */
  readonly runs?: number;
  /**
   * Try all placements, and so prove the best, if there are at most this many.
   * @defaultValue 20,000
   */
  readonly exhaustiveMax?: number;
}
