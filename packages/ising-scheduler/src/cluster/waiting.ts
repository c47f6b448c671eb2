import type { Waiting } from "../compile/arrays.ts";
import { UNPLACED } from "../compile/partners.ts";
import { Admission } from "./admission.ts";
import type { Importance } from "./parts.ts";

/** Tasks that may wait, as the search sees them. */
export function waitingOf(importance: Importance, home: Int32Array): Waiting {
  const { may, level, runs, units } = importance;
  const levels = level.reduce((most, one) => Math.max(most, one), 0) + 1;
  const waitingBy = (place: Int32Array): Int32Array => {
    const counts = new Int32Array(levels);
    place.forEach((node, task) => node === UNPLACED && (counts[level[task] ?? 0] = (counts[level[task] ?? 0] ?? 0) + 1));
    return counts;
  };
  return {
    level,
    may: (task) => may[task] === 1,
    compare(a, b) {
      const [left, right] = [waitingBy(a), waitingBy(b)];
      const at = left.findIndex((count, one) => count !== right[one]);
      return at < 0 ? 0 : Math.sign((left[at] ?? 0) - (right[at] ?? 0));
    },
    isWhole: (place) => units.every((unit) => unit.every((task) => (place[task] === UNPLACED) === (place[unit[0] ?? 0] === UNPLACED))),
    settle: (packing) => runs.forEach((one, task) => one === 1 && packing.set(task, home[task] ?? UNPLACED)),
    withdraw(packing) {
      for (const unit of units) {
        if (unit.length < 2 || unit.every((task) => packing.place[task] !== UNPLACED)) continue;
        for (const task of unit) if (may[task] === 1) packing.set(task, UNPLACED);
      }
    },
    admit: (problem, assignment) => new Admission(problem, assignment, importance),
  };
}
