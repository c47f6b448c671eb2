import { InvalidProblemError, quote } from "./errors.ts";
import type { Node, Task } from "./problem.ts";

/** Most tasks of one problem. */
export const TASKS_MAX = 10_000;
/** Most nodes of one problem. */
export const NODES_MAX = 1_000;
/** Most tasks times nodes times resources of one problem: the largest table of the search, 64 MB. */
export const TABLE_ENTRIES_MAX: number = 2 ** 24;

/** Largest demand or capacity; give it in another unit beyond that. */
export const AMOUNT_MAX = 1e15;
/** Smallest demand or capacity that is not 0. */
export const AMOUNT_MIN = 1e-12;

/** The problem as it was given, checked, with numbers in flat arrays: `[n, r]` is at `n * resources + r`. */
export interface Tables {
  readonly tasks: readonly string[];
  readonly nodes: readonly string[];
  /** Every resource that a task or a node names, sorted. */
  readonly resources: readonly string[];
  readonly taskIndex: Index;
  readonly nodeIndex: Index;
  readonly demand: Float64Array;
  readonly capacity: Float64Array;
  readonly totalDemand: Float64Array;
  readonly totalCapacity: Float64Array;
}

/** Positions of unique names. */
class Index {
  readonly #at = new Map<string, number>();

  constructor(path: string, names: readonly string[]) {
    names.forEach((name, at) => {
      if (typeof name !== "string" || name.length === 0) {
        throw new InvalidProblemError(`expected ${path}[${at}].id to be a non-empty string, got ${String(name)}`);
      }
      if (this.#at.has(name)) throw new InvalidProblemError(`expected unique ids in ${path}, got ${quote(name)} twice`);
      this.#at.set(name, at);
    });
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
    const at = this.#at.get(name);
    if (at === undefined) throw new InvalidProblemError(`expected ${path} to name a task, got ${quote(String(name))}`);
    return at;
  }
}

/**
 * Reads and checks tasks and nodes.
 *
 * @throws {@link InvalidProblemError} naming the path of the first mistake.
 */
export function readTables(tasks: readonly Task[], nodes: readonly Node[]): Tables {
  if (nodes.length === 0) throw new InvalidProblemError("expected at least one node, got none");
  checkCount("tasks", tasks.length, TASKS_MAX);
  checkCount("nodes", nodes.length, NODES_MAX);
  const taskIndex = new Index("tasks", tasks.map(({ id }) => id));
  const nodeIndex = new Index("nodes", nodes.map(({ id }) => id));
  tasks.forEach(({ demand }, at) => checkRecord(`tasks[${at}].demand`, demand));
  nodes.forEach(({ capacity }, at) => checkRecord(`nodes[${at}].capacity`, capacity));
  const amounts = [...tasks.map(({ demand }) => demand), ...nodes.map(({ capacity }) => capacity)];
  const resources = [...new Set(amounts.flatMap((amount) => Object.keys(amount)))].sort();
  checkCount("tasks x nodes x resources", tasks.length * nodes.length * resources.length, TABLE_ENTRIES_MAX);
  const demand = flatten("tasks", "demand", tasks.map(({ demand }) => demand), resources);
  const capacity = flatten("nodes", "capacity", nodes.map(({ capacity }) => capacity), resources);
  return {
    tasks: tasks.map(({ id }) => id),
    nodes: nodes.map(({ id }) => id),
    resources, taskIndex, nodeIndex, demand, capacity,
    totalDemand: totals(demand, resources.length),
    totalCapacity: totals(capacity, resources.length),
  };
}

function flatten(
  path: string,
  field: string,
  amounts: readonly Readonly<Record<string, number>>[],
  resources: readonly string[],
): Float64Array {
  const flat = new Float64Array(amounts.length * resources.length);
  const column = new Map(resources.map((resource, r) => [resource, r]));
  amounts.forEach((amount, row) => {
    for (const [resource, value] of Object.entries(amount)) {
      if (typeof value !== "number" || !(value === 0 || (value >= AMOUNT_MIN && value <= AMOUNT_MAX))) {
        const where = `${path}[${row}].${field}[${quote(resource)}]`;
        const range = `0 or a number from ${AMOUNT_MIN} to ${AMOUNT_MAX}`;
        throw new InvalidProblemError(`expected ${where} to be ${range}, got ${String(value)}`);
      }
      flat[row * resources.length + (column.get(resource) ?? 0)] = value;
    }
  });
  return flat;
}

function totals(flat: Float64Array, resources: number): Float64Array {
  const sums = new Float64Array(resources);
  flat.forEach((value, at) => (sums[at % resources] = (sums[at % resources] ?? 0) + value));
  return sums;
}

function checkCount(what: string, got: number, limit: number): void {
  if (got > limit) throw new InvalidProblemError(`expected at most ${limit} ${what}, got ${got}`);
}

function checkRecord(path: string, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw new InvalidProblemError(`expected ${path} to be an object of numbers by resource, got ${String(value)}`);
  }
}
