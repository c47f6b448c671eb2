import { checkKeys, checkList, checkObject, checkWeight, checkWhole } from "../compile/check.ts";
import { hold } from "../compile/compile.ts";
import type { CompiledProblem } from "../compile/compile.ts";
import { InvalidProblemError } from "../errors.ts";
import { QUANTA_MAX } from "../compile/fixed-point.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Node, Task } from "../problem.ts";
import { NODES_MAX, TASKS_MAX } from "../compile/read-problem.ts";
import type { SpecialDemand } from "../compile/read-problem.ts";
import { Assignment } from "../search/assignment.ts";
import { dotProduct } from "../starts/dot-product.ts";
import { previous as previousStart } from "../starts/previous.ts";
import { tabulate } from "../compile/tabulate.ts";
import type { Problem } from "../compile/arrays.ts";
import { extend } from "./extend.ts";
import type { ClusterNode, ClusterProblem, ClusterTask, ClusterWeights } from "./model.ts";
import { DISTANCE_UNITS } from "./parts.ts";
import type { NodeCosts, Parts } from "./parts.ts";
import { readOnNodes, readPreferences } from "./read-costs.ts";
import { readEligibility } from "./read-eligibility.ts";
import { ranked, readImportance, shapes } from "./read-importance.ts";
import { readDistance, readSlots, readSpread } from "./read-rules.ts";

const TASK_KEYS: ReadonlySet<string> = new Set([
  "id", "demand", "affinity", "antiAffinity", "priority", "mayWait", "mayPreempt", "pinned", "requires", "prefers", "tolerates", "groups", "gang", "on",
] satisfies (keyof ClusterTask)[]);
const NODE_KEYS: ReadonlySet<string> = new Set(["id", "capacity", "labels", "taints", "avoid"] satisfies (keyof ClusterNode)[]);
const PROBLEM_KEYS: ReadonlySet<string> = new Set([
  "tasks", "nodes", "links", "previous", "weights", "slots", "spread", "distance", "maxMigrations",
] satisfies (keyof ClusterProblem)[]);

/**
 * Checks a problem in the words of clusters, and places every task a first time. The result goes to `solve`, `anytime`,
 * `solveAsync` and `explain` as that of the main entry's `compile` does.
 *
 * @throws `InvalidProblemError` if it contradicts itself or is beyond a limit.
 * @example
 * ```ts
 * import { solve } from "@void-system/ising-scheduler";
 * import { compile } from "@void-system/ising-scheduler/cluster";
 * const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 4 }, taints: ["gpu"] }];
 * const tasks = [
 *   { id: "train", demand: { cpu: 3 }, tolerates: ["gpu"], priority: 1 },
 *   { id: "serve", demand: { cpu: 3 }, priority: 2 },
 *   { id: "batch", demand: { cpu: 3 }, mayWait: true },
 * ];
 * const { placement, unplaced } = solve(compile({ tasks, nodes }));
 * placement; // => { serve: "a", train: "b" }
 * unplaced?.[0]?.reason; // => 'the nearest node, "a", lacks 2 "cpu"'
 * ```
 */
export function compile(problem: ClusterProblem): CompiledProblem {
  checkKeys("problem", problem, PROBLEM_KEYS);
  const { tasks, nodes, previous = {}, weights = {}, slots = [], spread = [], distance, maxMigrations, ...rest } = problem;
  checkItems("tasks", tasks, TASK_KEYS, TASKS_MAX);
  checkItems("nodes", nodes, NODE_KEYS, NODES_MAX);
  checkObject("options.weights", weights);
  const { preference = 1, cost = 1, spread: spreadWeight = 1, ...baseWeights } = weights;
  for (const [name, weight] of Object.entries({ preference, cost, spread: spreadWeight })) checkWeight(`options.weights.${name}`, weight);
  if (maxMigrations !== undefined) checkWhole("options.maxMigrations", maxMigrations, 0, TASKS_MAX);
  checkObject("options.previous", previous);
  const [tasksById, nodesById] = [byId("tasks", tasks), byId("nodes", nodes)];
  const onNodes = readOnNodes(tasksById, nodesById, cost);
  const base = { ...rest, previous, weights: baseWeights, tasks: tasks.map(baseTask), nodes: nodes.map(({ id, capacity }): Node => ({ id, capacity })) };
  const plain = { ...tabulate(base, onNodes.demands), rows: rowsOf(tasksById, nodesById, onNodes.demands) };
  const table = distance === undefined ? plain : wholeProducts(plain);
  const parts: Parts = {
    eligibility: readEligibility(tasksById, nodesById, previous),
    preference: readPreferences(tasksById, nodesById, preference),
    cost: onNodes.cost,
    ...readSpread(spread, tasksById, nodesById, spreadWeight),
    slots: readSlots(slots, tasksById, nodesById),
    distance: distance && readDistance(distance, nodesById),
    maxMigrations,
    waiting: readImportance(tasksById, table),
    gone: goneOf(previous, tasks, nodes),
  };
  checkRange(table, parts, weights);
  const extended = extend(table, settled(table, { ...parts }, tasksById));
  if (maxMigrations !== undefined) return hold(extended, previousStart, "previous");
  // Of the rules it leaves out the fewest tasks.
  return parts.waiting ? hold(extended, dotProduct, "dotProduct") : hold(extended);
}

/** Finds out which tasks run: their nodes of before have room for them, the most important first. */
function settled(problem: Problem, parts: Parts, tasks: readonly (readonly [ClusterTask, string])[]): Parts {
  if (!parts.waiting) return parts;
  const { home } = problem;
  const runs = new Uint8Array(home.length);
  const wanted = ranked(parts.waiting);
  // Only running tasks count here: none is in another's room, and none has moved.
  const packing = new Assignment(extend(problem, { ...parts, waiting: undefined, maxMigrations: undefined }));
  const order = [...home.keys()].sort((a, b) => (wanted.level[a] ?? 0) - (wanted.level[b] ?? 0) || a - b);
  for (const task of order) {
    const node = home[task] ?? UNPLACED;
    if (node === UNPLACED || packing.changeHard(task, node) > 0) continue;
    packing.move(task, node);
    runs[task] = 1;
  }
  const waiting = ranked({ ...wanted, runs });
  return { ...parts, waiting: { ...waiting, shape: shapes(tasks, problem, { ...parts, waiting }) } };
}

function checkItems(path: string, items: readonly object[], known: ReadonlySet<string>, limit: number): void {
  checkList(path, items, limit);
  items.forEach((item, at) => {
    checkKeys(`${path}[${at}]`, item, known);
    checkObject(`${path}[${at}].${path === "tasks" ? "demand" : "capacity"}`, Reflect.get(item, path === "tasks" ? "demand" : "capacity"));
  });
}

function baseTask({ id, demand, affinity, antiAffinity }: ClusterTask): Task {
  return { id, demand, ...(affinity && { affinity }), ...(antiAffinity && { antiAffinity }) };
}

/** Items with their paths, in the order of their ids. */
function byId<Item extends { readonly id: string }>(path: string, items: readonly Item[]): readonly (readonly [Item, string])[] {
  return items.map((item, at) => [item, `${path}[${at}]`] as const).sort(([a], [b]) => (a.id < b.id ? -1 : 1));
}

/** Rows of the demands that tasks have on some nodes: they follow those of the tasks. */
function rowsOf(
  tasks: readonly (readonly [ClusterTask, string])[],
  nodes: readonly (readonly [ClusterNode, string])[],
  demands: readonly SpecialDemand[],
): Int32Array | undefined {
  if (demands.length === 0) return undefined;
  const position = (items: readonly (readonly [{ readonly id: string }, string])[]): ReadonlyMap<string, number> => new Map(items.map(([{ id }], at) => [id, at]));
  const [taskAt, nodeAt] = [position(tasks), position(nodes)];
  const rows = Int32Array.from({ length: tasks.length * nodes.length }, (_, at) => Math.floor(at / nodes.length));
  demands.forEach(({ task, node }, at) => (rows[(taskAt.get(task) ?? 0) * nodes.length + (nodeAt.get(node) ?? 0)] = tasks.length + at));
  return rows;
}

/** Rounds costs of links, so that they are whole numbers when they are multiplied by distances. */
function wholeProducts(problem: Problem): Problem {
  const cost = problem.links.cost.map((quanta) => Math.round(quanta / DISTANCE_UNITS) * DISTANCE_UNITS);
  return { ...problem, links: { ...problem.links, cost } };
}

function goneOf(previous: Readonly<Record<string, string>>, tasks: readonly ClusterTask[], nodes: readonly ClusterNode[]): Parts["gone"] {
  const there = new Set(nodes.map(({ id }) => id));
  const left = tasks.flatMap(({ id }) => {
    const node = Object.hasOwn(previous, id) ? previous[id] : undefined;
    return node === undefined || there.has(node) ? [] : [[id, node] as const];
  });
  return Object.fromEntries(left);
}

/** Refuses weights whose energies could leave the range where doubles are exact integers. */
function checkRange(problem: Problem, { preference, cost, spread, distance }: Parts, weights: ClusterWeights): void {
  const largest = (costs: NodeCosts | undefined): number => costs?.quanta.reduce((most, one) => Math.max(most, one), 0) ?? 0;
  const tasks = problem.tasks.length;
  const farthest = (distance?.distance.reduce((most, one) => Math.max(most, one), 0) ?? 0) / DISTANCE_UNITS;
  const links = problem.links.cost.reduce((sum, one) => sum + one, 0);
  const range = tasks * (largest(preference) + largest(cost)) + 2 * tasks * spread.reduce((sum, { quanta }) => sum + quanta, 0) + farthest * links;
  if (range < QUANTA_MAX / 2) return;
  const factor = ((2 * range) / QUANTA_MAX).toPrecision(2);
  const names = Object.keys(weights).join(", ");
  throw new InvalidProblemError(
    `expected weights and costs small enough for exact integer energies, got a sum ${factor} times too large (weights: ${names || "as by default"}); scale them down`,
  );
}
