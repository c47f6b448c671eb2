import type { EnergyWeights, Node, SchedulingProblem, Task } from "../problem.ts";

/** A task with the rules that clusters have. */
export interface ClusterTask extends Task {
  /** Importance, a finite number: where not all fit, those of higher priority are placed. @defaultValue 0 */
  readonly priority?: number;
  /** True if the task may be left out of the placement. @defaultValue false */
  readonly mayWait?: boolean;
  /** True if the task may displace running tasks of lower priority. @defaultValue false */
  readonly mayPreempt?: boolean;
  /** True if the task must stay on its node in `previous`. @defaultValue false */
  readonly pinned?: boolean;
  /** Labels that its node must have, each with one value or one of several. */
  readonly requires?: Readonly<Record<string, string | readonly string[]>>;
  /** Labels that its node should have. */
  readonly prefers?: readonly Preference[];
  /** Taints that it tolerates: `"dedicated=ml"`, `"dedicated"` for every value of it, `"*"` for all. */
  readonly tolerates?: readonly string[];
  /** Groups that it is a member of, for {@link Spread}. */
  readonly groups?: readonly string[];
  /** Gang that it is a member of. Where tasks may wait, all members of a gang are placed or none. */
  readonly gang?: string;
  /** Demand and cost that it has on some nodes. */
  readonly on?: Readonly<Record<string, OnNode>>;
}

/** Demand and cost of a task on one node. */
export interface OnNode {
  /** Its whole demand there. @defaultValue that of the task */
  readonly demand?: Readonly<Record<string, number>>;
  /** Cost of having it there, >= 0. @defaultValue 0 */
  readonly cost?: number;
}

/** A label that a node should have. */
export interface Preference {
  /** Name of the label. */
  readonly label: string;
  /** One value or several; left out if any will do. */
  readonly value?: string | readonly string[];
  /** Energy if the node does not have it, >= 0. @defaultValue 1 */
  readonly weight?: number;
}

/** A node with labels and taints. */
export interface ClusterNode extends Node {
  /** Labels with their values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints, as `"gpu"` or `"dedicated=ml"`: only tasks that tolerate them may be here. */
  readonly taints?: readonly string[];
  /** Taints that cost 1 for each task here that does not tolerate them. */
  readonly avoid?: readonly string[];
}

/** A bound on the members of a group in each domain. It is a must, unless it has a weight. */
export interface Spread {
  /** The group. */
  readonly group: string;
  /** Label whose values are the domains; nodes without it are in none, and a bound that is a must forbids them. @defaultValue each node is a domain */
  readonly over?: string;
  /** Most that the fullest domain may have more than the emptiest. */
  readonly skew?: number;
  /** Most members in one domain: 1 keeps all members apart. */
  readonly max?: number;
  /** Energy for each member too many, >= 0. */
  readonly weight?: number;
}

/** Distances of nodes, for links: a link costs its weight times the distance. Tasks on one node have none. */
export interface Distance {
  /** Label whose values are the zones. Nodes without it are in a zone of their own, named "". */
  readonly over: string;
  /** Distance of two nodes of one zone. @defaultValue 1 */
  readonly within?: number;
  /** Distance of two nodes of different zones, unless `between` says another. @defaultValue 1 */
  readonly otherwise?: number;
  /** Distances of pairs of zones. */
  readonly between?: readonly { readonly a: string; readonly b: string; readonly distance: number }[];
}

/** Weights of the soft terms, those of clusters among them. */
export interface ClusterWeights extends EnergyWeights {
  /** For preferred labels and avoided taints. @defaultValue 1 */
  readonly preference?: number;
  /** For costs of tasks on nodes. @defaultValue 1 */
  readonly cost?: number;
  /** For spreads that have a weight. @defaultValue 1 */
  readonly spread?: number;
}

/** A problem in the words of clusters. The order of tasks, nodes, links and rules means nothing. */
export interface ClusterProblem extends Omit<SchedulingProblem, "tasks" | "nodes" | "weights"> {
  /** Tasks to place. */
  readonly tasks: readonly ClusterTask[];
  /** Nodes to place tasks on. */
  readonly nodes: readonly ClusterNode[];
  /** Weight of each soft term. */
  readonly weights?: ClusterWeights;
  /**
   * Resources that come in slots, as GPUs do: nodes have whole numbers of them. A task has whole ones for itself, or a
   * share below 1 of one of them.
   */
  readonly slots?: readonly string[];
  /** Groups that are to be spread. */
  readonly spread?: readonly Spread[];
  /** Distances of zones. */
  readonly distance?: Distance;
  /** Most tasks that may leave a node of `previous` that is still there. */
  readonly maxMigrations?: number;
}
