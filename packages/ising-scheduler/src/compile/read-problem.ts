import { checkKeys, checkList, checkObject, refuse } from "./check.ts";
import { totals } from "./columns.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import type { Node, Task } from "../problem.ts";

/** Most tasks of one problem. */
export const TASKS_MAX = 100_000;
/** Most nodes of one problem. */
export const NODES_MAX = 10_000;
/** Most resources of one problem. */
export const RESOURCES_MAX = 64;
/** Most links of one problem. */
export const LINKS_MAX = 1_000_000;

/** Largest demand or capacity; give it in another unit beyond that. */
export const AMOUNT_MAX = 1e15;
/** Smallest demand or capacity that is not 0. */
export const AMOUNT_MIN = 1e-12;

/**
 * The problem as it was given, checked, with numbers in flat arrays: `[n, r]` is at `n * resources + r`. Tasks and nodes
 * are in the order of their ids, so that the order of the input changes nothing.
 */
export interface Tables {
  readonly tasks: readonly string[];
  readonly nodes: readonly string[];
  /** Every resource that a task or a node names, sorted. */
  readonly resources: readonly string[];
  readonly demand: Float64Array;
  readonly capacity: Float64Array;
  readonly totalDemand: Float64Array;
  readonly totalCapacity: Float64Array;
}

/** Demand of a task on one node, in place of its usual demand. */
export interface SpecialDemand {
  readonly task: string;
  readonly node: string;
  readonly demand: Readonly<Record<string, number>>;
  readonly path: string;
}

/** Tables, with the positions of their names for those who read the rest of the problem. */
export interface IndexedTables extends Tables {
  readonly taskIndex: Index;
  readonly nodeIndex: Index;
}

/** Positions of unique names, in the order of the names. */
class Index {
  readonly names: readonly string[];
  readonly #at: ReadonlyMap<string, number>;

  constructor(path: string, items: readonly { readonly id: string }[]) {
    const seen = new Map<string, number>();
    items.forEach(({ id }, at) => {
      if (typeof id !== "string" || id.length === 0) {
        refuse(`${path}[${at}].id`, "a non-empty string", id);
      }
      const first = seen.get(id);
      if (first !== undefined) {
        throw new InvalidProblemError(`expected unique ids in ${path}, got ${quote(id)} twice, at ${first} and ${at}`);
      }
      seen.set(id, at);
    });
    this.names = [...seen.keys()].sort();
    this.names.forEach((name, at) => seen.set(name, at));
    this.#at = seen;
  }

  /** Position of a name; undefined if there is none. */
  find(name: string): number | undefined {
    return this.#at.get(name);
  }

  /**
   * Position of a name that must be there.
   *
   * @throws {@link InvalidProblemError} with the path of the mention, if it is not.
   */
  at(name: string, path: string): number {
    return this.#at.get(name) ?? refuse(path, "the name of a task", name);
  }
}

const TASK_KEYS: ReadonlySet<string> = new Set(["id", "demand", "affinity", "antiAffinity"] satisfies (keyof Task)[]);
const NODE_KEYS: ReadonlySet<string> = new Set(["id", "capacity"] satisfies (keyof Node)[]);

/**
 * Reads and checks tasks and nodes.
 *
 * @throws {@link InvalidProblemError} naming the path of the first mistake.
 */
export function readTables(tasks: readonly Task[], nodes: readonly Node[], special: readonly SpecialDemand[]): IndexedTables {
  checkList("tasks", tasks, TASKS_MAX);
  checkList("nodes", nodes, NODES_MAX);
  if (nodes.length === 0) throw new InvalidProblemError("expected at least one node, got none");
  checkItems("tasks", tasks, TASK_KEYS, "demand");
  checkItems("nodes", nodes, NODE_KEYS, "capacity");
  const [taskIndex, nodeIndex] = [new Index("tasks", tasks), new Index("nodes", nodes)];
  const names = new Set<string>();
  for (const { demand } of [...tasks, ...special]) for (const resource in demand) names.add(resource);
  for (const { capacity } of nodes) for (const resource in capacity) names.add(resource);
  const resources = [...names].sort();
  checkList("resources", resources, RESOURCES_MAX);
  const column = new Map(resources.map((resource, r) => [resource, r]));
  const demand = new Float64Array((tasks.length + special.length) * resources.length);
  const capacity = new Float64Array(nodes.length * resources.length);
  tasks.forEach((task, at) => fill(`tasks[${at}].demand`, task.demand, column, demand, taskIndex.at(task.id, "")));
  nodes.forEach((node, at) => fill(`nodes[${at}].capacity`, node.capacity, column, capacity, nodeIndex.at(node.id, "")));
  special.forEach((one, at) => fill(one.path, one.demand, column, demand, tasks.length + at));
  return {
    tasks: taskIndex.names,
    nodes: nodeIndex.names,
    resources, taskIndex, nodeIndex, demand, capacity,
    totalDemand: totals(demand.subarray(0, tasks.length * resources.length), resources.length),
    totalCapacity: totals(capacity, resources.length),
  };
}

function checkItems<Key extends string>(
  path: string,
  items: readonly Readonly<Record<Key, unknown>>[],
  known: ReadonlySet<string>,
  amounts: Key,
): void {
  items.forEach((item, at) => {
    checkKeys(`${path}[${at}]`, item, known);
    checkObject(`${path}[${at}].${amounts}`, item[amounts]);
  });
}

function fill(
  path: string,
  amounts: Readonly<Record<string, number>>,
  column: ReadonlyMap<string, number>,
  flat: Float64Array,
  row: number,
): void {
  for (const resource in amounts) {
    const value = amounts[resource];
    if (typeof value !== "number" || !(value === 0 || (value >= AMOUNT_MIN && value <= AMOUNT_MAX))) {
      const range = `0 or a number from ${AMOUNT_MIN} to ${AMOUNT_MAX}`;
      refuse(`${path}[${quote(resource)}]`, range, value);
    }
    flat[row * column.size + (column.get(resource) ?? 0)] = value;
  }
}
