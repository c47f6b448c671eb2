import type { ClusterTerms } from "../cluster/terms/terms.ts";
import type { Problem, Term } from "../compile/arrays.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import { affinity } from "./affinity.ts";
import { balance, expandBalance } from "./balance.ts";
import { communication } from "./communication.ts";
import { conflicts, expandConflicts } from "./conflicts.ts";
import { expandMigration, migration } from "./migration.ts";
import { expandOverload, overload } from "./overload.ts";
import { expandApart } from "./pairs.ts";

/** Every term of the energy: a new one is a file beside these, and a line in each of the three lists here. */
export interface Terms<Value> {
  /** Penalty for load above capacity; 0 in every placement that is returned as feasible. */
  readonly overload: Value;
  /** Penalty for tasks together that must be apart; 0 in every placement that is returned as feasible. */
  readonly conflicts: Value;
  /** Unevenness: the sum over nodes and resources of (utilisation - mean utilisation)². */
  readonly balance: Value;
  /** Weight of links whose tasks sit on different nodes. */
  readonly communication: Value;
  /** Weight of affinities whose tasks sit on different nodes. */
  readonly affinity: Value;
  /** Weight of tasks that left the node they were on. */
  readonly migration: Value;
}

const TERMS: Terms<Term> = { overload, conflicts, balance, communication, affinity, migration };

/** Every term as a polynomial. A list of its own, so that a search bundles without the export. */
export const EXPANSIONS: Terms<(problem: Problem, polynomial: Polynomial) => void> = {
  overload: expandOverload,
  conflicts: expandConflicts,
  balance: expandBalance,
  communication: (problem, polynomial) => expandApart(problem.links, problem, polynomial),
  affinity: (problem, polynomial) => expandApart(problem.affinities, problem, polynomial),
  migration: expandMigration,
};

/** Name of a term. */
type TermName = keyof Terms<unknown> | keyof ClusterTerms<unknown>;

/** Every term of a problem, by name. */
export function termsOf({ more }: Problem): readonly (readonly [TermName, Term])[] {
  // The keys are those of TERMS and of the list of `/cluster`.
  return Object.entries({ ...TERMS, ...more?.terms }) as [TermName, Term][];
}
