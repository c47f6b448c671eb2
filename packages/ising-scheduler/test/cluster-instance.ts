import { Random } from "../src/search/random.ts";
import type { ClusterNode, ClusterProblem, ClusterTask } from "../src/cluster/index.ts";

/** A random problem with every rule of clusters; `fill` above 1 leaves tasks waiting. */
export function clusterInstance(seed: number, tasks: number, nodes: number, fill: number, wait = true): ClusterProblem {
  const random = new Random(seed);
  const zones = ["east", "north", "west"];
  const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)]!;
  const demands = Array.from({ length: tasks }, () => ({ cpu: 1 + random.below(6), gpu: random.below(3) === 0 ? pick([0.2, 0.5, 0.7, 1, 2]) : 0 }));
  const cpu = Math.ceil(demands.reduce((sum, one) => sum + one.cpu, 0) / fill / nodes);
  const running = (at: number): boolean => at % 3 === 0;
  return {
    tasks: demands.map((demand, at): ClusterTask => ({
      id: `t${at}`,
      demand,
      ...(wait && { mayWait: at % 5 !== 4, priority: [0, 5, 10][at % 3 === 0 ? random.below(3) : at % 3]!, mayPreempt: at % 4 === 1 }),
      ...(at % 6 === 1 && { requires: { zone: [pick(zones), pick(zones)] } }),
      ...(at % 6 === 2 && { prefers: [{ label: "zone", value: pick(zones), weight: 0.5 }, { label: "disk" }] }),
      ...(at % 4 === 0 && { tolerates: ["dedicated"] }),
      ...(at % 5 < 2 && { groups: ["web", "db"].slice(0, 1 + (at % 2)) }),
      ...(at % 7 === 6 && { antiAffinity: [`t${at - 1}`] }),
      ...(at % 8 === 3 && { on: { n0: { cost: 2 }, n1: { demand: { cpu: demand.cpu + 1, gpu: demand.gpu } } } }),
    })).map((task, at) => (demands[at]!.gpu > 0 || !task.on ? task : { ...task, on: { n0: { cost: 2 }, n1: { demand: { cpu: demands[at]!.cpu + 1 } } } }))
      .map(({ on, ...task }, at) => ({ ...task, ...(on && demands[at]!.gpu === 0 && { on }) })),
    nodes: Array.from({ length: nodes }, (_, at): ClusterNode => ({
      id: `n${at}`,
      capacity: { cpu: cpu + (at % 3), gpu: [2, 3, 1][at % 3]! },
      labels: { zone: zones[at % 3]!, ...(at % 2 === 0 && { disk: "ssd" }) },
      ...(at % 4 === 3 && { taints: ["dedicated=ml"] }),
      ...(at % 4 === 2 && { avoid: ["slow"] }),
    })),
    links: Array.from({ length: tasks }, (_, at) => ({ a: `t${at}`, b: `t${random.below(tasks)}`, weight: 1 + random.below(4) })),
    previous: Object.fromEntries(demands.flatMap((_, at) => (running(at) ? [[`t${at}`, `n${at % (nodes + 1)}`]] : []))),
    slots: ["gpu"],
    spread: [{ group: "web", over: "zone", skew: 3 }, { group: "db", max: 3 }, { group: "web", max: 1, weight: 0.25 }],
    distance: { over: "zone", within: 0.5, between: [{ a: "east", b: "west", distance: 3 }] },
    weights: { migration: 0.5, preference: 2 },
  };
}
