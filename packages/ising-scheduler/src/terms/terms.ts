import type { Energy } from "../result.ts";
import { affinity } from "./affinity.ts";
import { balance } from "./balance.ts";
import { communication } from "./communication.ts";
import { conflicts } from "./conflicts.ts";
import { migration } from "./migration.ts";
import { overload } from "./overload.ts";
import type { Term } from "./term.ts";

/** Name of a term: those of {@link Energy}, but for the sum. */
export type TermName = Exclude<keyof Energy, "total">;

/** Every term of the energy. A new one is a file beside these, a line here, in {@link Energy} and in EXPANSIONS: the compiler names each. */
export const TERMS: Readonly<Record<TermName, Term>> = { overload, conflicts, balance, communication, affinity, migration };
