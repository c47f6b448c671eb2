import { describe, expect, test } from "vitest";
import { InfeasibleError, InvalidProblemError, IsingScheduler, UnknownNameError } from "../src/index.ts";
import type { Node, SchedulerOptions, Task } from "../src/index.ts";

const pair: readonly Node[] = [
  { id: "node1", capacity: { cpu: 4, memory: 8 } },
  { id: "node2", capacity: { cpu: 4, memory: 8 } },
];

function task(id: string, cpu: number, more: Partial<Task> = {}): Task {
  return { id, demand: { cpu }, ...more };
}

function infeasible(tasks: readonly Task[], nodes: readonly Node[], options?: SchedulerOptions): InfeasibleError {
  try {
    new IsingScheduler(tasks, nodes, options).schedule();
  } catch (error) {
    if (error instanceof InfeasibleError) return error;
    throw error;
  }
  throw new Error("expected an InfeasibleError, got a placement");
}

describe("schedule", () => {
  test("answers the user's example", () => {
    expect(new IsingScheduler([task("task1", 2), task("task2", 3)], pair).schedule()).toEqual({
      task1: "node1",
      task2: "node2",
    });
  });

  test("no tasks, one node, hostile names", () => {
    expect(new IsingScheduler([], pair).schedule()).toEqual({});
    const placement = new IsingScheduler([task("__proto__", 1)], pair.slice(0, 1)).schedule();
    expect(Object.entries(placement)).toEqual([["__proto__", "node1"]]);
  });

  test("links draw tasks together, as far as capacity lets them", () => {
    const tasks = [task("a", 2), task("b", 2), task("c", 2), task("d", 2)];
    const links = [{ a: "a", b: "c", weight: 5 }, { a: "b", b: "d", weight: 5 }];
    const { placement, energy, proved } = new IsingScheduler(tasks, pair, { links }).result();
    expect([placement["a"], placement["b"]]).toEqual([placement["c"], placement["d"]]);
    expect(placement["a"]).not.toBe(placement["b"]);
    expect([energy.total, energy.communication, proved]).toEqual([0, 0, true]);
  });

  test("affinity attracts, antiAffinity forbids", () => {
    const together = [task("a", 1, { affinity: ["b"] }), task("b", 1)];
    const { placement } = new IsingScheduler(together, pair, { weights: { affinity: 10 } }).result();
    expect(placement["a"]).toBe(placement["b"]);
    const apart = [task("a", 1, { antiAffinity: ["b"] }), task("b", 1)];
    const links = [{ a: "a", b: "b", weight: 1000 }];
    const forced = new IsingScheduler(apart, pair, { links }).result();
    expect(forced.placement["a"]).not.toBe(forced.placement["b"]);
    expect(forced.energy.communication).toBe(1000);
  });

  test("tasks stay where they are unless moving pays", () => {
    const tasks = [task("a", 1), task("b", 1)];
    const previous = { a: "node2", b: "node2", gone: "node1" };
    const stay = new IsingScheduler(tasks, pair, { previous, weights: { migration: 10 } }).result();
    expect([stay.placement, stay.energy.migration]).toEqual([{ a: "node2", b: "node2" }, 0]);
    const spread = new IsingScheduler(tasks, pair, { previous, weights: { migration: 0.01 } }).result();
    expect(spread.placement["a"]).not.toBe(spread.placement["b"]);
    expect(spread.energy.migration).toBeCloseTo(0.01, 6);
    const lost = new IsingScheduler(tasks, pair, { previous: { a: "a node that is gone" } }).result();
    expect(lost.energy.migration).toBe(0);
  });

  test("decimals that only just fit do fit: three tenths are 0.1 + 0.2", () => {
    const nodes = [{ id: "n", capacity: { cpu: 0.3 } }];
    expect(new IsingScheduler([task("a", 0.1), task("b", 0.2)], nodes).result()).toMatchObject({
      feasible: true,
      proved: true,
    });
    const thirds = [{ id: "n", capacity: { cpu: 1 } }, { id: "m", capacity: { cpu: 1 / 3 } }];
    expect(new IsingScheduler([task("a", 1 / 3), task("b", 1)], thirds).schedule()).toEqual({ a: "m", b: "n" });
    // Bytes: whole numbers beyond a million, but all of them whole megabytes.
    const bytes = [{ id: "n", capacity: { memory: 64 * 2 ** 30 } }];
    const halves = ["a", "b"].map((id) => ({ id, demand: { memory: 32 * 2 ** 30 } }));
    expect(new IsingScheduler(halves, bytes).result()).toMatchObject({ feasible: true, energy: { overload: 0 } });
  });

  test("amounts far from 1 keep their meaning", () => {
    for (const unit of [1e-12, 1e-7, 1e3, 1e14]) {
      const nodes = [{ id: "n", capacity: { cpu: 3 * unit } }, { id: "m", capacity: { cpu: 2 * unit } }];
      expect(new IsingScheduler([task("a", 3 * unit), task("b", unit), task("c", unit)], nodes).schedule()).toEqual({
        a: "n",
        b: "m",
        c: "m",
      });
      expect(infeasible([task("a", 3 * unit), task("b", 3 * unit)], nodes).proved).toBe(true);
    }
  });

  test("numbers that need rounding are rounded to the safe side, and nothing is claimed of it", () => {
    const nodes = [{ id: "n", capacity: { cpu: 1 } }, { id: "m", capacity: { cpu: Math.SQRT1_2 / 2 } }];
    const tasks = [task("a", Math.SQRT1_2 / 2 - 0.03), task("b", 1)];
    expect(new IsingScheduler(tasks, nodes).schedule()).toEqual({ a: "m", b: "n" });
    const error = infeasible([task("a", Math.SQRT1_2 / 2), task("b", 1)], nodes);
    expect(error.proved).toBe(false);
    expect(error.message).toContain("no room to spare for rounding");
  });
});

describe("what does not fit is refused, with what is missing", () => {
  test("a task larger than every node", () => {
    const error = infeasible([task("a", 1), task("big", 9)], pair);
    expect(error).toMatchObject({ code: "ERR_INFEASIBLE", proved: true });
    expect(error.shortages[0]).toEqual({ resource: "cpu", task: "big", needed: 9, available: 4, missing: 5 });
    expect(error.message).toContain('the largest node has 4 "cpu", "big" needs 9; add a larger node');
  });

  test("all tasks together", () => {
    const tasks = ["a", "b", "c"].map((id) => task(id, 3));
    const { shortages, proved } = infeasible(tasks, pair);
    expect([shortages, proved]).toEqual([[{ resource: "cpu", needed: 9, available: 8, missing: 1 }], true]);
  });

  test("a packing that does not come out, proved by trying all", () => {
    const tasks = [task("a", 3), task("b", 3), task("c", 2)];
    const error = infeasible(tasks, pair);
    expect(error.proved).toBe(true);
    expect(error.shortages).toHaveLength(1);
    expect(error.shortages[0]).toMatchObject({ resource: "cpu", needed: 5, available: 4, missing: 1 });
    expect(infeasible(tasks, pair, { exhaustiveMax: 0 }).proved).toBe(false);
  });

  test("a resource that no node has, and neighbours that cannot be apart", () => {
    const gpu = infeasible([{ id: "a", demand: { gpu: 1 } }], pair);
    expect(gpu.message).toContain('no node has any "gpu", "a" needs 1; add a node with "gpu"');
    expect(gpu.shortages[0]).toEqual({ resource: "gpu", task: "a", needed: 1, available: 0, missing: 1 });
    const others = ["a", "b", "c"];
    const apart = infeasible(others.map((id) => task(id, 0, { antiAffinity: others.filter((o) => o !== id) })), pair);
    expect([apart.shortages, apart.conflicts.length, apart.proved]).toEqual([[], 1, true]);
    expect(apart.message).toContain('3 tasks must be apart ("a", "b", "c"), 2 nodes; add a node, or let');
  });

  test("result() says the same without throwing", () => {
    const result = new IsingScheduler([task("big", 9)], pair).result();
    expect(result).toMatchObject({ feasible: false, proved: true });
    expect(result.energy.overload).toBeGreaterThan(0);
  });
});

describe("explain", () => {
  test("says what each other node would cost, or what forbids it", () => {
    const nodes = [...pair, { id: "tiny", capacity: { cpu: 1 } }];
    const tasks = [task("a", 2), task("b", 2, { antiAffinity: ["a"] })];
    const scheduler = new IsingScheduler(tasks, nodes, { links: [{ a: "a", b: "b", weight: 3 }] });
    const { node, alternatives } = scheduler.explain("a");
    expect(node).toBe(scheduler.schedule()["a"]);
    expect(alternatives[0]).toMatchObject({ node, delta: { total: 0 }, shortages: [], conflicts: [] });
    expect(alternatives.find((other) => other.node === "tiny")?.shortages).toEqual([
      { resource: "cpu", node: "tiny", needed: 2, available: 1, missing: 1 },
    ]);
    const occupied = alternatives.find((other) => other.node === scheduler.schedule()["b"]);
    expect(occupied).toMatchObject({ conflicts: ["b"], delta: { communication: -3 } });
    expect(() => scheduler.explain("nobody")).toThrow(UnknownNameError);
  });
});

describe("mistakes are named with their path", () => {
  test.each<[string, readonly Task[], readonly Node[], SchedulerOptions]>([
    ["at least one node", [], [], {}],
    ["unique ids in tasks", [task("a", 1), task("a", 1)], pair, {}],
    ["tasks[0].id", [task("", 1)], pair, {}],
    ['tasks[0].demand["cpu"]', [task("a", -1)], pair, {}],
    ['tasks[0].demand["cpu"]', [task("a", Number.NaN)], pair, {}],
    ['nodes[0].capacity["cpu"]', [], [{ id: "n", capacity: { cpu: Infinity } }], {}],
    ["tasks[0].affinity", [task("a", 1, { affinity: ["b"] })], pair, {}],
    ["tasks[0].antiAffinity", [task("a", 1, { antiAffinity: ["a"] })], pair, {}],
    ["options.links[0].b", [task("a", 1)], pair, { links: [{ a: "a", b: "b" }] }],
    ["options.links[0].weight", [task("a", 1)], pair, { links: [{ a: "a", b: "a", weight: -1 }] }],
    ["options.weights.balance", [], pair, { weights: { balance: Number.NaN } }],
    ["options.seed", [], pair, { seed: -1 }],
    ["options.moves", [], pair, { moves: 0.5 }],
    ["weights small enough", [task("a", 1)], pair, { weights: { migration: 1e12 } }],
  ])("%s", (message, tasks, nodes, options) => {
    expect(() => new IsingScheduler(tasks, nodes, options)).toThrow(InvalidProblemError);
    expect(() => new IsingScheduler(tasks, nodes, options)).toThrow(message);
  });

  test.each<[string, unknown, unknown, unknown]>([
    ["tasks to be an array", undefined, pair, {}],
    ["nodes to be an array", [], { id: "a" }, {}],
    ["tasks to be an array without holes", Array.from<unknown>({ length: 3 }).fill(task("a", 1), 0, 2), pair, {}],
    ["nodes to be an array without holes", [], Array<unknown>(2), {}],
    ["options.links to be an array without holes", [], pair, { links: Array<unknown>(2) }],
    ["tasks[0] to be an object", [null], pair, {}],
    ["nodes[1] to be an object", [], [pair[0], null], {}],
    ['nodes[0].capacity["cpu"]', [], [{ id: "n", capacity: { cpu: "2" } }], {}],
    ['got "antiaffinity"', [{ id: "a", demand: {}, antiaffinity: [] }], pair, {}],
    ["tasks[0].affinity to be an array", [{ id: "a", demand: {}, affinity: "b" }], pair, {}],
    ["options to be an object", [], pair, null],
    ['got "weight"', [], pair, { weight: {} }],
    ['got "deadlineMs"', [], pair, { deadlineMs: 5 }],
    ['got "imbalance"', [], pair, { weights: { imbalance: 9 } }],
    ["options.links to be an array", [], pair, { links: {} }],
    ["options.links[0] to be an object", [], pair, { links: [null] }],
    ['got "from"', [task("a", 1), task("b", 1)], pair, { links: [{ from: "a", b: "b" }] }],
    ["options.previous to be an object", [], pair, { previous: [] }],
    ["twice, at 0 and 1", [], [{ id: "n", capacity: {} }, { id: "n", capacity: {} }], {}],
    ['"b" and "a" in both', [task("a", 1, { antiAffinity: ["b"] }), task("b", 1, { affinity: ["a"] })], pair, {}],
  ])("%s", (message, tasks, nodes, options) => {
    const make = (): IsingScheduler => new IsingScheduler(tasks as Task[], nodes as Node[], options as SchedulerOptions);
    expect(make).toThrow(InvalidProblemError);
    expect(make).toThrow(message);
  });

  test("seeds may be BigInts", () => {
    const many = Array.from({ length: 30 }, (_, at) => task(`t${at}`, (at % 3) / 10));
    const options = { exhaustiveMax: 0, moves: 500 };
    const big = new IsingScheduler(many, pair, { ...options, seed: 7n }).schedule();
    expect(big).toEqual(new IsingScheduler(many, pair, { ...options, seed: 7 }).schedule());
  });

  test("what is no object of numbers", () => {
    // @ts-expect-error a task has a demand
    expect(() => new IsingScheduler([{ id: "a" }], pair)).toThrow("tasks[0].demand");
    expect(() => new IsingScheduler([task("a", 1)], pair).energy({})).toThrow(InvalidProblemError);
  });
});
