import { describe, expect, test } from "vitest";
import { compile, migrationsOf, replan } from "../src/cluster/index.ts";
import type { ClusterNode, ClusterProblem, ClusterTask } from "../src/cluster/index.ts";
import { explain, InvalidProblemError, solve } from "../src/index.ts";
import type { SchedulingResult } from "../src/index.ts";
import { instance } from "./instance.ts";

const pair: readonly ClusterNode[] = [
  { id: "a", capacity: { cpu: 4 }, labels: { zone: "east", disk: "ssd" } },
  { id: "b", capacity: { cpu: 4 }, labels: { zone: "west" }, taints: ["dedicated=ml"] },
];

function task(id: string, cpu: number, more: Partial<ClusterTask> = {}): ClusterTask {
  return { id, demand: { cpu }, ...more };
}

function place(tasks: readonly ClusterTask[], nodes: readonly ClusterNode[] = pair, more: Partial<ClusterProblem> = {}): SchedulingResult {
  return solve(compile({ tasks, nodes, ...more }));
}

describe("priority and mayWait", () => {
  const wait = { mayWait: true };

  test("the least important waits, with its priority, the nearest node and what is missing there", () => {
    const tasks = [task("low", 3, { ...wait, priority: 1 }), task("high", 3, { ...wait, priority: 2 }), task("top", 3, { priority: 0, tolerates: ["*"] })];
    const { placement, unplaced, feasible, proved } = place(tasks);
    expect([placement, feasible, proved]).toEqual([{ high: "a", top: "b" }, true, true]);
    expect(unplaced).toEqual([
      { task: "low", priority: 1, nearest: "a", reason: 'the nearest node, "a", lacks 2 "cpu"', shortages: [{ resource: "cpu", node: "a", needed: 6, available: 4, missing: 2 }] },
    ]);
  });

  test("no node at all: the rules that forbid it, with the number of nodes", () => {
    const { unplaced } = place([task("x", 1, { ...wait, requires: { gpu: "t4" } })]);
    expect(unplaced?.[0]?.reason).toBe(
      'needs the label "gpu" to be "t4" (2 of 2 nodes); does not tolerate the taint "dedicated=ml" (1 of 2 nodes)',
    );
  });

  test("without mayWait an impossible demand is an error still", () => {
    expect(place([task("big", 5), task("small", 1, wait)])).toMatchObject({ feasible: false, proved: true });
  });

  test("a running task goes only for a higher priority that may preempt", () => {
    const running = task("running", 3, { ...wait, priority: 5 });
    const previous = { running: "a" };
    const placed = (one: Partial<ClusterTask>): readonly string[] => Object.keys(place([running, task("new", 3, { ...wait, ...one })], pair, { previous }).placement);
    expect(placed({ priority: 9 })).toEqual(["running"]);
    expect(placed({ priority: 5, mayPreempt: true })).toEqual(["running"]);
    expect(placed({ priority: 9, mayPreempt: true })).toEqual(["new"]);
    const { unplaced } = place([running, task("new", 3, { priority: 9, mayPreempt: true })], pair, { previous });
    expect(unplaced?.[0]?.reason).toBe('displaced by "new"; the nearest node, "a", lacks 2 "cpu"');
    // One that must be placed does not displace it either, unless it may.
    expect(place([running, task("new", 3, { priority: 9 })], pair, { previous }).feasible).toBe(false);
  });

  test("room is made by moving others, and by letting a larger one wait for two", () => {
    const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 5 } }];
    const all = [task("p", 2, wait), task("q", 2, wait), task("r", 5, wait), task("s", 2, wait), task("t", 2, wait)];
    const { placement } = solve(compile({ tasks: all, nodes }), { exhaustiveMax: 0, moves: 500 });
    expect(Object.keys(placement)).toEqual(["p", "q", "s", "t"]);
  });

  test("explain takes tasks that wait", () => {
    const compiled = compile({ tasks: [task("x", 3), task("y", 3, wait)], nodes: pair.slice(0, 1) });
    const { node, alternatives } = explain(compiled, solve(compiled).placement, "y");
    expect([node, alternatives[0]?.node, alternatives[0]?.shortages[0]?.missing]).toEqual(["", "a", 2]);
  });
});

describe("gangs", () => {
  const gang = (cpu: number, count: number): ClusterTask[] => Array.from({ length: count }, (_, at) => task(`g${at}`, cpu, { gang: "g", mayWait: true }));

  test("are placed as a whole or wait as a whole", () => {
    const open = pair.map((node) => ({ ...node, taints: [] }));
    expect(Object.keys(place(gang(4, 2), open).placement)).toEqual(["g0", "g1"]);
    const { placement, unplaced } = place([...gang(4, 3), task("x", 3, { mayWait: true })], open);
    expect([Object.keys(placement), unplaced?.length]).toEqual([["x"], 3]);
    expect(unplaced?.[0]?.reason).toContain('the gang "g" does not fit as a whole');
  });

  test("displace as a whole and are displaced as a whole", () => {
    const open = pair.map((node) => ({ ...node, taints: [] }));
    const tasks = [...gang(3, 2), task("x", 3, { mayWait: true, priority: 2 })];
    const result = solve(compile({ tasks, nodes: open }), { exhaustiveMax: 0, moves: 2_000 });
    expect(Object.keys(result.placement)).toEqual(["x"]);
    const important = tasks.map((one) => ({ ...one, priority: one.gang === undefined ? 0 : 3 }));
    expect(Object.keys(solve(compile({ tasks: important, nodes: open }), { exhaustiveMax: 0, moves: 2_000 }).placement)).toEqual(["g0", "g1"]);
  });
});

describe("rules", () => {
  test("labels, taints and pins", () => {
    expect(place([task("x", 1, { requires: { zone: ["west", "north"] }, tolerates: ["dedicated"] })]).placement).toEqual({ x: "b" });
    expect(place([task("x", 1, { requires: { zone: "west" } })])).toMatchObject({ feasible: false, proved: true });
    expect(place([task("x", 1, { pinned: true, tolerates: ["dedicated=ml"] })], pair, { previous: { x: "b" }, weights: { migration: 0 } }).placement).toEqual({ x: "b" });
    const compiled = compile({ tasks: [task("x", 1, { requires: { disk: "ssd" } })], nodes: pair });
    expect(explain(compiled, { x: "a" }, "x").alternatives[1]?.forbidden).toEqual(['needs the label "disk" to be "ssd"', 'does not tolerate the taint "dedicated=ml"']);
  });

  test("preferences and costs by node are weighed", () => {
    const open = pair.map((node) => ({ ...node, taints: [] }));
    expect(place([task("x", 1, { prefers: [{ label: "zone", value: "west" }] })], open)).toMatchObject({ placement: { x: "b" }, energy: { preference: 0 } });
    expect(place([task("x", 1, { on: { a: { cost: 3 } } })], open)).toMatchObject({ placement: { x: "b" }, energy: { cost: 0 } });
    const both = [task("x", 1, { on: { b: { cost: 3 } }, prefers: [{ label: "zone", value: "west" }] })];
    expect(place(both, open)).toMatchObject({ placement: { x: "a" }, energy: { preference: 1, cost: 0 } });
    expect(place(both, open, { weights: { cost: 0.1 } }).placement).toEqual({ x: "b" });
    expect(place([task("x", 1)], [{ id: "a", capacity: { cpu: 1 }, avoid: ["slow"] }, { id: "b", capacity: { cpu: 1 } }]).placement).toEqual({ x: "b" });
  });

  test("spread over zones with a skew, groups apart", () => {
    const nodes = ["east", "east", "west"].map((zone, at): ClusterNode => ({ id: `n${at}`, capacity: { cpu: 8 }, labels: { zone } }));
    const web = Array.from({ length: 5 }, (_, at) => task(`w${at}`, 1, { groups: ["web"] }));
    const zones = (result: SchedulingResult): number => Object.values(result.placement).filter((node) => node === "n2").length;
    const links = web.map(({ id }) => ({ a: "w0", b: id, weight: 9 }));
    expect([2, 3]).toContain(zones(place(web, nodes, { links, spread: [{ group: "web", over: "zone", skew: 1 }] })));
    const weighed = place(web, nodes, { links, spread: [{ group: "web", over: "zone", skew: 1, weight: 0.5 }] });
    expect([new Set(Object.values(weighed.placement)).size, weighed.energy.spread]).toEqual([1, 2]);
    const apart = place(web.slice(0, 3), nodes, { links: links.slice(0, 3), spread: [{ group: "web", max: 1 }] });
    expect(new Set(Object.values(apart.placement)).size).toBe(3);
    expect(place(web.slice(0, 4), nodes, { spread: [{ group: "web", max: 1 }] })).toMatchObject({ feasible: false, proved: true });
  });

  test("links cost by the distance of zones", () => {
    const zones = ["a", "b", "c"];
    const nodes = zones.map((zone): ClusterNode => ({ id: zone, capacity: { cpu: 1 }, labels: { zone } }));
    const distance = { over: "zone", otherwise: 5, between: [{ a: "a", b: "c", distance: 0.5 }] };
    const result = place([task("x", 1), task("y", 1)], nodes, { links: [{ a: "x", b: "y", weight: 4 }], distance });
    expect([Object.values(result.placement).sort(), result.energy.communication]).toEqual([["a", "c"], 2]);
  });

  test("a share lies on one slot, whole ones are alone", () => {
    const nodes = [{ id: "n", capacity: { gpu: 2 } }];
    const gpus = (...sizes: number[]): SchedulingResult => place(sizes.map((gpu, at) => ({ id: `t${at}`, demand: { gpu } })), nodes, { slots: ["gpu"] });
    expect(gpus(0.6, 0.6, 0.4, 0.4)).toMatchObject({ feasible: true, slots: { t0: { gpu: [0] }, t1: { gpu: [1] }, t2: { gpu: [0] }, t3: { gpu: [1] } } });
    expect(gpus(0.6, 0.6, 0.6).feasible).toBe(false);
    expect(gpus(1, 0.7, 0.3)).toMatchObject({ feasible: true, slots: { t0: { gpu: [0] }, t1: { gpu: [1] }, t2: { gpu: [1] } } });
    expect(gpus(2, 0.1).feasible).toBe(false);
    const waits = place([{ id: "x", demand: { gpu: 0.6 } }, { id: "y", demand: { gpu: 0.7 } }, { id: "z", demand: { gpu: 0.7 }, mayWait: true }], nodes, { slots: ["gpu"] });
    expect(waits.unplaced?.[0]?.reason).toBe('needs a slot with 0.7 free of "gpu", with 2 in all (1 of 1 nodes)');
  });

  test("demand by node: the generalised assignment problem c515-1 of Cattrysse, whose optimum is 261", () => {
    const cost = [[17, 21, 22, 18, 24, 15, 20, 18, 19, 18, 16, 22, 24, 24, 16], [23, 16, 21, 16, 17, 16, 19, 25, 18, 21, 17, 15, 25, 17, 24], [16, 20, 16, 25, 24, 16, 17, 19, 19, 18, 20, 16, 17, 21, 24], [19, 19, 22, 22, 20, 16, 19, 17, 21, 19, 25, 23, 25, 25, 25], [18, 19, 15, 15, 21, 25, 16, 16, 23, 15, 22, 17, 19, 22, 24]];
    const need = [[8, 15, 14, 23, 8, 16, 8, 25, 9, 17, 25, 15, 10, 8, 24], [15, 7, 23, 22, 11, 11, 12, 10, 17, 16, 7, 16, 10, 18, 22], [21, 20, 6, 22, 24, 10, 24, 9, 21, 14, 11, 14, 11, 19, 16], [20, 11, 8, 14, 9, 5, 6, 19, 19, 7, 6, 6, 13, 9, 18], [8, 13, 13, 13, 10, 20, 25, 16, 16, 17, 10, 10, 5, 12, 23]];
    const nodes = [36, 34, 38, 27, 33].map((time, at) => ({ id: `n${at}`, capacity: { time } }));
    const tasks = need[0]!.map((_, job): ClusterTask => ({
      id: `j${job}`,
      demand: {},
      on: Object.fromEntries(nodes.map(({ id }, at) => [id, { demand: { time: need[at]![job]! }, cost: cost[at]![job]! }])),
    }));
    const { feasible, energy } = solve(compile({ tasks, nodes, weights: { balance: 0 } }), { moves: 200_000 });
    expect([feasible, energy.total]).toEqual([true, 261]);
  });
});

describe("replan", () => {
  test("one node lost: its tasks move, and every other move has its reason", () => {
    const { tasks, nodes, links } = instance(11, 40, 8, 0.6);
    const before = solve(compile({ tasks, nodes, ...(links && { links }) })).placement;
    const left = nodes.filter(({ id }) => id !== "n3");
    const compiled = compile({ tasks, nodes: left, ...(links && { links }), previous: before });
    const { migrations, placement, feasible } = replan(compiled);
    expect(feasible).toBe(true);
    const lost = tasks.filter(({ id }) => before[id] === "n3").map(({ id }) => id).sort();
    expect(migrations.filter(({ reason }) => reason === '"n3" is gone').map(({ task: id }) => id)).toEqual(lost);
    expect(migrations.filter(({ from }) => from !== "n3").every(({ reason }) => /^(saves|makes room)/.test(reason))).toBe(true);
    expect(migrationsOf(compiled, placement)).toEqual(migrations);
    const still = replan(compile({ tasks, nodes: left, ...(links && { links }), previous: before, maxMigrations: 0 }));
    expect(still.migrations.map(({ task: id }) => id)).toEqual(lost);
    const two = replan(compile({ tasks, nodes: left, ...(links && { links }), previous: before, maxMigrations: 2, weights: { balance: 90, migration: 0 } }));
    expect(two.migrations.filter(({ from }) => from !== "n3").length).toBe(2);
  });

  test("a task makes room, a new node is used, a pinned task stays, one that is forbidden leaves", () => {
    const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 3 } }];
    const room = replan(compile({ tasks: [task("x", 2), task("y", 4)], nodes, previous: { x: "a" } }));
    expect(room.migrations).toEqual([{ task: "x", from: "a", to: "b", reason: 'makes room on "a" for "y": there it lacks 2 "cpu"' }]);
    const previous = { x: "a", y: "a" };
    const grown = replan(compile({ tasks: [task("x", 2), task("y", 2, { pinned: true })], nodes, previous, weights: { migration: 0 } }));
    expect(grown.migrations).toHaveLength(1);
    expect(grown.migrations[0]).toMatchObject({ task: "x", reason: expect.stringMatching(/^saves 0\.\d+ of energy \(balance -0\.\d+\)$/) });
    const tainted = replan(compile({ tasks: [task("x", 2)], nodes: [{ ...nodes[0]!, taints: ["out"] }, nodes[1]!], previous: { x: "a" } }));
    expect(tainted.migrations).toEqual([{ task: "x", from: "a", to: "b", reason: 'cannot stay on "a": does not tolerate the taint "out"' }]);
  });

  test("its moves give the same again", () => {
    const { tasks, nodes } = instance(12, 40, 8, 0.6);
    const previous = Object.fromEntries(tasks.map(({ id }, at) => [id, `n${at % 9}`]));
    const compiled = compile({ tasks, nodes, previous });
    const result = replan(compiled, { deadlineMs: 5 });
    expect(replan(compiled, result.replay).placement).toEqual(result.placement);
  });
});

describe("mistakes are named with their path", () => {
  test.each<[string, object]>([
    ['expected tasks[0] with id', { tasks: [{ ...task("x", 1), toleratse: [] }] }],
    ["tasks[0] to be an object", { tasks: [null] }],
    ["tasks[0].demand to be an object", { tasks: [{ id: "x" }] }],
    ["tasks[0].priority", { tasks: [task("x", 1, { priority: Number.NaN })] }],
    ["tasks[0].mayWait", { tasks: [{ ...task("x", 1), mayWait: 1 }] }],
    ["tasks[0].pinned is true", { tasks: [task("x", 1, { pinned: true })] }],
    ['tasks[0].requires["zone"]', { tasks: [{ ...task("x", 1), requires: { zone: 3 } }] }],
    ["tasks[0].tolerates to be an array", { tasks: [{ ...task("x", 1), tolerates: "gpu" }] }],
    ["tasks[0].prefers[0].weight", { tasks: [task("x", 1, { prefers: [{ label: "zone", weight: -1 }] })] }],
    ['tasks[0].on to name nodes, got "z"', { tasks: [task("x", 1, { on: { z: { cost: 1 } } })] }],
    ['tasks[0].on["a"].cost', { tasks: [task("x", 1, { on: { a: { cost: Number.NaN } } })] }],
    ['tasks[0].on["a"].demand["cpu"]', { tasks: [task("x", 1, { on: { a: { demand: { cpu: -1 } } } })] }],
    ["one priority in the gang", { tasks: [task("x", 1, { gang: "g", priority: 1 }), task("y", 1, { gang: "g" })] }],
    ["mayWait of all or none", { tasks: [task("x", 1, { gang: "g", mayWait: true }), task("y", 1, { gang: "g" })] }],
    ["expected nodes[0] with id", { nodes: [{ ...pair[0], label: {} }] }],
    ['nodes[0].labels["zone"]', { nodes: [{ id: "a", capacity: {}, labels: { zone: 1 } }] }],
    ["options.spread[0] with a skew or a max", { spread: [{ group: "web" }] }],
    ['a group of a task, got "nobody"', { spread: [{ group: "nobody", max: 1 }] }],
    ['options.spread[0].over to be a label of a node, got "rack"', { tasks: [task("x", 1, { groups: ["web"] })], spread: [{ group: "web", over: "rack", skew: 1 }] }],
    ['name resources of nodes, got "gpu"', { slots: ["gpu"] }],
    ["whole number of slots or a share", { tasks: [{ id: "x", demand: { gpu: 1.5 } }], nodes: [{ id: "a", capacity: { gpu: 2 } }], slots: ["gpu"] }],
    ["options.distance.within", { distance: { over: "zone", within: -1 } }],
    ["options.maxMigrations", { maxMigrations: -1 }],
    ['got "preferences"', { weights: { preferences: 1 } }],
    ['got "maxMoves"', { maxMoves: 1 }],
    ["small enough for exact integer energies", { tasks: [task("x", 1, { on: { a: { cost: 1e9 } } })] }],
  ])("%s", (message, change) => {
    const make = (): unknown => compile({ tasks: [task("x", 1)], nodes: pair, ...change } as ClusterProblem);
    expect(make).toThrow(InvalidProblemError);
    expect(make).toThrow(message);
  });
});
