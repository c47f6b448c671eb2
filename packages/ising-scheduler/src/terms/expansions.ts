import type { Polynomial } from "../qubo/polynomial.ts";
import type { Problem } from "../compile/arrays.ts";
import { expandBalance } from "./balance.ts";
import { expandConflicts } from "./conflicts.ts";
import { expandMigration } from "./migration.ts";
import { expandOverload } from "./overload.ts";
import { expandApart } from "./pairs.ts";
import type { TermName } from "../result.ts";

/** Every term as a polynomial. Apart from the terms, so that a search bundles without the export. */
export const EXPANSIONS: Readonly<Record<TermName, (problem: Problem, polynomial: Polynomial) => void>> = {
  overload: expandOverload,
  conflicts: expandConflicts,
  balance: expandBalance,
  communication: (problem, polynomial) => expandApart(problem.links, problem, polynomial),
  affinity: (problem, polynomial) => expandApart(problem.affinities, problem, polynomial),
  migration: expandMigration,
};
