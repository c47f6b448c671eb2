import { Random } from "../src/search/random.ts";
import type { Link, Node, ProblemOptions, SchedulingProblem, Task } from "../src/index.ts";

/** Times the runs of the longest tests; `npm run torture` has 6. */
export const EXTENT: number = Number(process.env["PLACEMENT_EXTENT"] ?? 1);

/** A random problem: linked groups of tasks on nodes of several sizes, two resources, some separations and affinities. */
export function instance(seed: number, tasks: number, nodes: number, fill = 0.7): SchedulingProblem {
  const random = new Random(seed);
  const names = shuffled(Array.from({ length: tasks }, (_, at) => `t${at}`), random);
  const demands = names.map(() => ({ cpu: 1 + random.below(8), memory: 1 + random.below(16) }));
  const size = (resource: "cpu" | "memory"): number => {
    const total = demands.reduce((sum, demand) => sum + demand[resource], 0);
    return total / fill / nodes;
  };
  const capacity = (at: number): Node["capacity"] => {
    const part = [0.8, 1, 1.2][at % 3] ?? 1;
    return { cpu: Math.ceil(size("cpu") * part), memory: Math.ceil(size("memory") * part) };
  };
  const name = (at: number): string => names[at % tasks] ?? "";
  const links = Array.from({ length: 2 * tasks }, (): Link => {
    const a = random.below(tasks);
    return { a: name(a), b: name(random.below(4) > 0 ? a + nodes * random.below(4) : random.below(tasks)), weight: 1 + random.below(9) };
  });
  const options: Required<ProblemOptions> = {
    links,
    previous: { [name(0)]: "n0", [name(1)]: "n1" },
    weights: { balance: 2, migration: 0.25 },
  };
  return {
    ...options,
    tasks: names.map((id, at): Task => ({
      id,
      demand: demands[at] ?? {},
      ...(at % 7 === 3 && { antiAffinity: [name(at + 1)] }),
      ...(at % 7 === 5 && { affinity: [name(at + 1)] }),
    })),
    nodes: Array.from({ length: nodes }, (_, at) => ({ id: `n${at}`, capacity: capacity(at) })),
  };
}

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => [random.next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
