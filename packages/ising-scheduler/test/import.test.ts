import { describe, expect, test } from "vitest";
import { compile } from "../src/cluster/index.ts";
import { ImportError } from "../src/import/row.ts";
import { fromKubectl, fromOpenb, nodesFromRows, readCsv, tasksFromRows } from "../src/import/index.ts";
import { solve } from "../src/index.ts";

test("tables of tasks and nodes", async () => {
  const tasks = tasksFromRows(await readCsv('task,cpu,priority,mayWait,groups,requires.zone,gang\nweb,0.5,5,true,front|web,east|west,g\n"a, b",2,,,,,\n'));
  expect(tasks).toEqual([
    { id: "web", demand: { cpu: 0.5 }, priority: 5, mayWait: true, groups: ["front", "web"], requires: { zone: ["east", "west"] }, gang: "g" },
    { id: "a, b", demand: { cpu: 2 } },
  ]);
  expect(nodesFromRows(await readCsv("node,cpu,label.zone,taints\nn1,8,east,gpu|dedicated=ml\n"))).toEqual([
    { id: "n1", capacity: { cpu: 8 }, labels: { zone: "east" }, taints: ["gpu", "dedicated=ml"] },
  ]);
  expect(() => tasksFromRows([{ task: "x", cpu: "much" }])).toThrow('expected a number in row 1, column "cpu", got "much"');
  expect(() => tasksFromRows([{ task: "x", mayWait: "yes" }])).toThrow(ImportError);
  expect(() => nodesFromRows([{ cpu: "1" }])).toThrow("expected a node in row 1");
  await expect(readCsv('a,b\n"1,2\n')).rejects.toThrow(ImportError);
});

test("openb: whole GPUs, shares, models", () => {
  const problem = fromOpenb(
    [{ sn: "n0", cpu_milli: "32000", memory_mib: "1000", gpu: "2", model: "T4" }, { sn: "n1", cpu_milli: "32000", memory_mib: "1000", gpu: "0", model: "" }],
    [
      { name: "p0", cpu_milli: "1000", memory_mib: "10", num_gpu: "1", gpu_milli: "460", gpu_spec: "T4|P100" },
      { name: "p1", cpu_milli: "1000", memory_mib: "10", num_gpu: "2", gpu_milli: "1000", gpu_spec: "" },
      { name: "p2", cpu_milli: "1000", memory_mib: "10", num_gpu: "0", gpu_milli: "0", gpu_spec: "" },
    ],
  );
  expect(problem.tasks.map(({ demand }) => demand["gpu"])).toEqual([0.46, 2, undefined]);
  expect(solve(compile(problem)).unplaced).toHaveLength(1);
});

describe("kubectl", () => {
  const node = (name: string, more: object = {}, spec: object = {}): object => ({
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, zone: name === "a" ? "east" : "west", ...more } },
    spec,
    status: { allocatable: { cpu: "3920m", memory: "16Gi", pods: "110" } },
  });
  const pod = (name: string, spec: object = {}, phase = "Pending"): object => ({
    kind: "Pod",
    metadata: { name, namespace: "shop", labels: { app: "web" } },
    status: { phase },
    spec: { containers: [{ resources: { requests: { cpu: "250m", memory: "64Mi" } } }, {}], ...spec },
  });

  test("nodes, requests, selectors, taints, priorities, spread", () => {
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } } }] };
    const { problem, notes } = fromKubectl({
      items: [
        node("a", {}, { taints: [{ key: "dedicated", value: "ml", effect: "NoSchedule" }, { key: "old", effect: "PreferNoSchedule" }] }),
        node("b", {}, { unschedulable: true }),
        pod("one", { ...spread, nodeName: "a", priority: 10, preemptionPolicy: "Never", nodeSelector: { zone: "east" }, tolerations: [{ key: "dedicated", operator: "Exists" }, { key: "x", value: "y" }] }, "Running"),
        pod("two", { initContainers: [{ resources: { requests: { cpu: "1" } } }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["west", "east"] }, { key: "x", operator: "Exists" }] }] } } } }),
        pod("done", {}, "Succeeded"),
      ],
    });
    expect(problem.nodes).toMatchObject([
      { id: "a", capacity: { cpu: 3.92, memory: 2 ** 34, pods: 110 }, taints: ["dedicated=ml"], avoid: ["old"] },
      { id: "b", taints: ["node.kubernetes.io/unschedulable"] },
    ]);
    const group = 'shop:{"app":"web"}';
    expect(problem.tasks).toEqual([
      { id: "shop/one", demand: { pods: 1, cpu: 0.25, memory: 2 ** 26 }, mayWait: true, mayPreempt: false, priority: 10, requires: { zone: ["east"] }, tolerates: ["dedicated", "x=y"], groups: [group] },
      { id: "shop/two", demand: { pods: 1, cpu: 1, memory: 2 ** 26 }, mayWait: true, mayPreempt: true, requires: { zone: ["west", "east"] }, groups: [group] },
    ]);
    expect([problem.previous, problem.spread, notes]).toEqual([{ "shop/one": "a" }, [{ group, over: "zone", skew: 1 }], ["node affinity with Exists"]]);
    expect(solve(compile(problem)).placement).toEqual({ "shop/one": "a" });
  });

  test("what is no such output, what is no quantity", () => {
    for (const wrong of [null, 3, {}, { items: 1 }]) expect(() => fromKubectl(wrong)).toThrow(ImportError);
    expect(() => fromKubectl({ items: [{ kind: "Node", status: { allocatable: { cpu: "4 cores" } } }] })).toThrow('quantity of "cpu"');
  });
});
