import { energyOf } from "../search/assignment.ts";
import type { EnergyQuanta } from "../search/assignment.ts";
import { ENERGY_QUANTA } from "../compile/fixed-point.ts";
import { forEachPair, UNPLACED } from "../compile/partners.ts";
import type { Energy, SchedulingResult, StopReason } from "../result.ts";
import type { Started } from "../search/search.ts";
import { impossible, shortagesOf } from "./shortages.ts";
import type { Problem } from "../compile/arrays.ts";
import { termsOf } from "../terms/terms.ts";

/** Reason for which a search ended. */
export interface Ending {
  readonly proved: boolean;
  readonly moves: number;
  readonly starts: readonly Started[];
  readonly stopped: StopReason;
  readonly replay: { readonly seed: number; readonly moves: number };
}

/** A placement as users read it. */
export function resultOf(problem: Problem, place: Int32Array, ending: Ending): SchedulingResult {
  const quanta = energyOf(problem, place);
  const feasible = termsOf(problem).every(([name, { hard }]) => !hard || quanta[name] === 0);
  const overall = feasible ? [] : impossible(problem);
  return {
    placement: named(problem, place),
    feasible,
    ...ending,
    // Units that were rounded could hide a placement that just fits, so nothing is proved of its absence.
    proved: feasible ? ending.proved : overall.length > 0 || (ending.proved && problem.exact),
    energy: inUnits(quanta),
    shortages: feasible ? [] : overall.length > 0 ? overall : shortagesOf(problem, place),
    conflicts: feasible ? [] : clashes(problem, place),
    starts: ending.starts.map(({ name, hard, soft }) => ({ name, feasible: hard === 0, energy: (hard + soft) / ENERGY_QUANTA })),
    ...problem.more?.report(problem, place),
  };
}

/** Quanta to energies; exact, since a quantum is a power of two. */
export function inUnits(quanta: EnergyQuanta): Energy {
  const total = Object.values(quanta).reduce((sum, term) => sum + term, 0);
  // The same keys as those of the quanta.
  const terms = Object.fromEntries(Object.entries(quanta).map(([name, term]) => [name, term / ENERGY_QUANTA])) as EnergyQuanta;
  return { total: total / ENERGY_QUANTA, ...terms };
}

function named({ tasks, nodes }: Problem, place: Int32Array): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tasks.flatMap((task, at) => {
      const node = nodes[place[at] ?? UNPLACED];
      return node === undefined ? [] : [[task, node]];
    }),
  );
}

function clashes({ tasks, conflicts }: Problem, place: Int32Array): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  forEachPair(conflicts, place, true, (a, b) => found.push([tasks[a] ?? "", tasks[b] ?? ""]));
  return found;
}
