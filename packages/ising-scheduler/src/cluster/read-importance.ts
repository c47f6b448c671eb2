import { shown } from "../compile/check.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import type { Problem } from "../compile/arrays.ts";
import type { ClusterTask } from "./model.ts";
import type { Importance, Parts } from "./parts.ts";
import { checkFlag, checkText } from "./read-eligibility.ts";

type Placed<Item> = readonly (readonly [item: Item, path: string])[];

/** Reads priorities and gangs; undefined if no task may wait. `runs` is filled in by {@link settled}. */
export function readImportance(tasks: Placed<ClusterTask>, { home }: Problem): Importance | undefined {
  const priority = Float64Array.from(tasks, ([{ priority: given = 0 }, path]) => {
    if (!Number.isFinite(given)) throw new InvalidProblemError(`expected ${path}.priority to be a finite number, got ${shown(given)}`);
    return given;
  });
  const flags = (field: "mayWait" | "mayPreempt"): Uint8Array =>
    Uint8Array.from(tasks, ([task, path]) => {
      checkFlag(`${path}.${field}`, task[field] ?? false);
      return Number(task[field] ?? false);
    });
  const [may, preempts] = [flags("mayWait"), flags("mayPreempt")];
  const { units, gangs, unitOf } = unitsOf(tasks);
  units.forEach((unit, at) => {
    const [first = 0] = unit;
    const gang = quote(gangs[at] ?? "");
    for (const task of unit) {
      if (priority[task] !== priority[first]) throw new InvalidProblemError(`expected one priority in the gang ${gang}, got ${priority[first]} and ${priority[task]}`);
      if (may[task] !== may[first]) throw new InvalidProblemError(`expected mayWait of all or none in the gang ${gang}, got both`);
    }
  });
  if (!may.includes(1)) return undefined;
  return {
    may, preempts, priority, units, gangs, unitOf,
    runs: Uint8Array.from(home, (node) => Number(node >= 0)),
    level: new Int32Array(tasks.length),
    shape: new Int32Array(tasks.length).fill(-1),
  };
}

/** Tasks that are placed together or not at all. */
function unitsOf(tasks: Placed<ClusterTask>): Pick<Importance, "units" | "gangs" | "unitOf"> {
  const units: number[][] = [];
  const gangs: (string | undefined)[] = [];
  const known = new Map<string, number>();
  const unitOf = Int32Array.from(tasks, ([{ gang }, path], task) => {
    if (gang !== undefined) checkText(`${path}.gang`, gang);
    const found = gang === undefined ? undefined : known.get(gang);
    if (found !== undefined) {
      units[found]?.push(task);
      return found;
    }
    if (gang !== undefined) known.set(gang, units.length);
    gangs.push(gang);
    return units.push([task]) - 1;
  });
  return { units, gangs, unitOf };
}

/** Ranks the tasks, those that run before others of their priority. */
export function ranked(importance: Importance): Importance {
  const { may, priority, runs, units } = importance;
  const running = Uint8Array.from(runs);
  for (const unit of units) if (unit.some((task) => runs[task] === 1)) for (const task of unit) running[task] = 1;
  const ranks = [...may.keys()].filter((task) => may[task] === 1).map((task) => [priority[task] ?? 0, running[task] ?? 0] as const);
  ranks.sort(([a, runsA], [b, runsB]) => b - a || runsB - runsA);
  const numbers = new Map<string, number>();
  for (const rank of ranks) if (!numbers.has(rank.join())) numbers.set(rank.join(), numbers.size + 1);
  const level = Int32Array.from(may, (one, task) => (one === 1 ? (numbers.get([priority[task], running[task]].join()) ?? 0) : 0));
  return { ...importance, level };
}

/** Numbers tasks that are alike to all rules, so that the search need not try each when one does not fit. */
export function shapes(tasks: Placed<ClusterTask>, problem: Problem, parts: Parts): Int32Array {
  const { demandUnits, resources, conflicts, home, rows } = problem;
  const known = new Map<string, number>();
  return Int32Array.from(tasks, ([{ groups = [], gang }], task) => {
    const pairs = (conflicts.start[task + 1] ?? 0) - (conflicts.start[task] ?? 0);
    if (groups.length > 0 || gang !== undefined || pairs > 0 || rows || (home[task] ?? 0) >= 0) return -1;
    const needs = demandUnits.subarray(task * resources.length, (task + 1) * resources.length);
    const { priority, preempts } = parts.waiting ?? {};
    const shape = [...needs, ...parts.slots.map(({ share }) => share[task]), parts.eligibility?.classOf[task], priority?.[task], preempts?.[task]].join();
    const number = known.get(shape) ?? known.size;
    known.set(shape, number);
    return number;
  });
}
