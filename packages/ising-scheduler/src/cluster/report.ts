import { quote } from "../errors.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { ClusterReport, Shortage, Unplaced } from "../shortage.ts";
import { shortagesIf } from "../report/shortages.ts";
import type { Problem } from "../compile/arrays.ts";
import { forbidsOf } from "./forbids.ts";
import type { Importance, Parts } from "./parts.ts";
import { intrudes } from "./terms/displacement.ts";
import type { Tracked } from "../compile/arrays.ts";
import { slotsOnNode } from "./terms/slots.ts";

/** Most tasks that wait whose nearest miss is looked for on every node. */
const NEAREST_MAX = 100;

/** Fields of a result that only problems of clusters have. */
export function reportOf(problem: Problem, parts: Parts, place: Int32Array): ClusterReport {
  return {
    ...(parts.waiting && { unplaced: unplacedOf(problem, parts, parts.waiting, place) }),
    ...(parts.slots.length > 0 && { slots: slotsOf(problem, parts, place) }),
  };
}

function unplacedOf(problem: Problem, parts: Parts, importance: Importance, place: Int32Array): readonly Unplaced[] {
  const { tasks } = problem;
  const { level, priority, unitOf, units, gangs } = importance;
  const waiting = [...place.keys()].filter((task) => place[task] === UNPLACED);
  waiting.sort((a, b) => (level[a] ?? 0) - (level[b] ?? 0) || a - b);
  const rules = rulesOf(problem, place);
  const known = new Map<number, Miss>();
  const missOf = (task: number): Miss => {
    const shape = importance.shape[task] ?? -1;
    const miss = known.get(shape) ?? nearestMiss(problem, parts, place, task, rules);
    if (shape >= 0) known.set(shape, miss);
    return miss;
  };
  return waiting.map((task, at): Unplaced => {
    const about = { task: tasks[task] ?? "", priority: priority[task] ?? 0 };
    const gang = gangs[unitOf[task] ?? 0];
    const alone = (units[unitOf[task] ?? 0] ?? []).length < 2;
    if (at >= NEAREST_MAX) return { ...about, reason: `waits as those of priority ${priority[waiting[NEAREST_MAX - 1] ?? 0]} and above do`, shortages: [] };
    const displacedBy = displacers(problem, importance, place, task);
    const { nearest, shortages, reason } = missOf(task);
    const because = displacedBy.length > 0 ? `displaced by ${displacedBy.join(", ")}; ${reason}` : reason;
    return {
      ...about,
      // One member alone may well have room.
      reason: gang !== undefined && !alone ? [`the gang ${quote(gang)} does not fit as a whole`, ...(nearest === undefined || shortages.length > 0 ? [because] : [])].join("; ") : because,
      ...(nearest !== undefined && { nearest }),
      shortages,
    };
  });
}

/** Tasks of higher priority where a task ran, which have its room. */
function displacers({ home, tasks }: Problem, importance: Importance, place: Int32Array, task: number): readonly string[] {
  if (importance.runs[task] !== 1) return [];
  const there = [...place.keys()].filter((other) => place[other] === home[task] && home[other] !== home[task]);
  return there.filter((other) => !intrudes(importance, home, other, task)).map((other) => quote(tasks[other] ?? ""));
}

/** The node where least is missing, and the reason in words. */
interface Miss {
  readonly nearest?: string;
  readonly shortages: readonly Shortage[];
  readonly reason: string;
}

/** The rules of a problem, as its placement stands. */
function rulesOf(problem: Problem, place: Int32Array): readonly Tracked[] {
  const copy = new Int32Array(place.length).fill(UNPLACED);
  const rules = Object.values(problem.more?.terms ?? {}).flatMap((term) => (term.hard && term.track(problem, copy)) || []);
  place.forEach((node, task) => {
    if (node !== UNPLACED) for (const rule of rules) rule.move(task, UNPLACED, node);
    copy[task] = node;
  });
  return rules;
}

function nearestMiss(problem: Problem, parts: Parts, place: Int32Array, task: number, rules: readonly Tracked[]): Miss {
  const shortages = shortagesIf(problem, place, task);
  let [nearest, least, missing]: [number, number, readonly Shortage[]] = [UNPLACED, Infinity, []];
  problem.nodes.forEach((_, node) => {
    if (rules.some((rule) => rule.change(task, UNPLACED, node) > 0)) return;
    const here = shortages(node);
    const lack = here.reduce((sum, one) => sum + one.missing / Math.max(one.available, one.needed), 0);
    if (lack < least) [nearest, least, missing] = [node, lack, here];
  });
  const name = problem.nodes[nearest];
  if (name === undefined) {
    const forbids = forbidsOf(problem, parts, place, task);
    const counts = new Map<string, number>();
    problem.nodes.forEach((_, node) => forbids(node).forEach((rule) => counts.set(rule, (counts.get(rule) ?? 0) + 1)));
    const all = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3).map(([rule, nodes]) => `${rule} (${nodes} of ${problem.nodes.length} nodes)`);
    return { shortages: [], reason: all.join("; ") };
  }
  const lacks = missing.map((one) => `${one.missing} ${quote(one.resource)}`).join(" and ");
  const reason = missing.length > 0 ? `the nearest node, ${quote(name)}, lacks ${lacks}` : `the search ended before it was tried on ${quote(name)}`;
  return { nearest: name, shortages: missing, reason };
}

function slotsOf({ tasks, nodes }: Problem, parts: Parts, place: Int32Array): NonNullable<ClusterReport["slots"]> {
  const slots = new Map<number, Record<string, readonly number[]>>();
  const on: number[][] = nodes.map(() => []);
  place.forEach((node, task) => on[node]?.push(task));
  for (const resource of parts.slots) {
    for (const there of on) {
      for (const [task, lies] of slotsOnNode(resource, there)) slots.set(task, { ...slots.get(task), [resource.resource]: lies });
    }
  }
  return Object.fromEntries([...slots].sort(([a], [b]) => a - b).map(([task, lies]) => [tasks[task] ?? "", lies]));
}
