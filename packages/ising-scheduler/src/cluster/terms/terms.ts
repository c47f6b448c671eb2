import type { Problem, Term } from "../../compile/arrays.ts";
import type { Parts } from "../parts.ts";
import { bounds } from "./bounds.ts";
import { balanceByNode, overloadByNode } from "./demand-by-node.ts";
import { displacement } from "./displacement.ts";
import { communicationBy } from "./distance.ts";
import { eligibility } from "./eligibility.ts";
import { migrations } from "./migrations.ts";
import { nodeCosts } from "./node-costs.ts";
import { slots } from "./slots.ts";

/** Every term that `/cluster` adds: a new one is a file beside these, a line in both lists here, and its data in {@link Parts}. */
export interface ClusterTerms<Value> {
  /** Penalty for tasks on nodes without the labels that they require, with taints that they do not tolerate, or away from the node to which they are pinned. */
  readonly eligibility: Value;
  /** Penalty for groups that are not spread as they must be. */
  readonly separation: Value;
  /** Penalty for tasks in the room of running tasks that they may not displace. */
  readonly displacement: Value;
  /** Penalty for more slots than a node has. */
  readonly slots: Value;
  /** Penalty for more migrations than `maxMigrations`. */
  readonly migrations: Value;
  /** Weight of preferred labels that nodes do not have, and of taints that they avoid. */
  readonly preference: Value;
  /** Cost of tasks on their nodes. */
  readonly cost: Value;
  /** Weight of groups that are not spread as they would be. */
  readonly spread: Value;
}

/** Makes a term; nothing where a problem does without it. */
type Make = (parts: Parts, problem: Problem) => Term | undefined | false;

/** Terms that `/cluster` adds, and those that it puts in the place of others. */
export const CLUSTER_TERMS: ClusterTerms<Make> & Readonly<Record<"communication" | "overload" | "balance", Make>> = {
  eligibility: (parts) => parts.eligibility && eligibility(parts.eligibility),
  separation: (parts) => (parts.separation.length > 0 ? bounds(parts.separation, true) : undefined),
  displacement: (parts) => parts.waiting?.runs.includes(1) && displacement(parts.waiting),
  slots: (parts) => (parts.slots.length > 0 ? slots(parts.slots) : undefined),
  migrations: (parts) => (parts.maxMigrations === undefined ? undefined : migrations(parts.maxMigrations)),
  preference: (parts) => parts.preference && nodeCosts(parts.preference),
  cost: (parts) => parts.cost && nodeCosts(parts.cost),
  spread: (parts) => (parts.spread.length > 0 ? bounds(parts.spread, false) : undefined),
  communication: (parts) => parts.distance && communicationBy(parts.distance),
  overload: (_, { rows }) => rows && overloadByNode,
  balance: (_, { rows }) => rows && balanceByNode,
};
