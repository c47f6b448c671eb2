import type { Extension, Problem } from "../compile/arrays.ts";
import { forbidsOf } from "./forbids.ts";
import type { Parts } from "./parts.ts";
import { reportOf } from "./report.ts";
import { CLUSTER_TERMS } from "./terms/terms.ts";
import { waitingOf } from "./waiting.ts";

/** Adds parts to a problem. */
export function extend(problem: Problem, parts: Parts): Problem {
  const terms = Object.entries(CLUSTER_TERMS).flatMap(([name, make]) => {
    const term = make(parts, problem);
    return term ? [[name, term] as const] : [];
  });
  const more: Extension = {
    parts,
    terms: Object.fromEntries(terms),
    waiting: parts.waiting && waitingOf(parts.waiting, problem.home),
    report: (whole, place) => reportOf(whole, parts, place),
    forbids: (whole, place, task) => forbidsOf(whole, parts, place, task),
  };
  return { ...problem, more };
}
