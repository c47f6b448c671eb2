import type { ClusterTermName, TermName } from "../result.ts";
import { affinity } from "./affinity.ts";
import { balance } from "./balance.ts";
import { communication } from "./communication.ts";
import { conflicts } from "./conflicts.ts";
import { migration } from "./migration.ts";
import { overload } from "./overload.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Term } from "../compile/arrays.ts";

/** Every term of the energy. A new one is a file beside these, a line here, in {@link Energy} and in EXPANSIONS: the compiler names each. */
const TERMS: Readonly<Record<TermName, Term>> = { overload, conflicts, balance, communication, affinity, migration };

/** Every term of a problem, by name. */
export function termsOf({ more }: Problem): readonly (readonly [TermName | ClusterTermName, Term])[] {
  // The keys are those of the two constants.
  return Object.entries({ ...TERMS, ...more?.terms }) as [TermName | ClusterTermName, Term][];
}
