import type { Extension } from "../compile/arrays.ts";
import type { ClusterTermName } from "../result.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Term } from "../compile/arrays.ts";
import type { TermName } from "../result.ts";
import { forbidsOf } from "./forbids.ts";
import type { Parts } from "./parts.ts";
import { reportOf } from "./report.ts";
import { bounds } from "./terms/bounds.ts";
import { balanceByNode, overloadByNode } from "./terms/demand-by-node.ts";
import { displacement } from "./terms/displacement.ts";
import { communicationBy } from "./terms/distance.ts";
import { eligibility } from "./terms/eligibility.ts";
import { migrations } from "./terms/migrations.ts";
import { nodeCosts } from "./terms/node-costs.ts";
import { slots } from "./terms/slots.ts";
import { waitingOf } from "./waiting.ts";

/**
 * Every term that `/cluster` adds or puts in the place of another one; undefined where a problem does without it. A new one is a file in `terms`, a line here,
 * its name in `ClusterTermName` and its data in {@link Parts}.
 */
const CLUSTER_TERMS = {
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
} satisfies Readonly<Record<ClusterTermName | "communication" | "overload" | "balance", (parts: Parts, problem: Problem) => Term | undefined | false>>;

/** Adds parts to a problem. */
export function extend(problem: Problem, parts: Parts): Problem {
  const terms = Object.entries(CLUSTER_TERMS).flatMap(([name, make]) => {
    const term = make(parts, problem);
    return term ? [[name, term] as const] : [];
  });
  const more: Extension = {
    parts,
    terms: Object.fromEntries(terms) as Partial<Record<TermName | ClusterTermName, Term>>, // The keys are those of the constant.
    waiting: parts.waiting && waitingOf(parts.waiting, problem.home),
    report: (whole, place) => reportOf(whole, parts, place),
    forbids: (whole, place, task) => forbidsOf(whole, parts, place, task),
  };
  return { ...problem, more };
}
