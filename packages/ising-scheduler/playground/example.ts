import { Random } from "../src/search/random.ts";
import type { ProblemText } from "./text.ts";

const [TASKS, NODES, GROUPS] = [36, 6, 9];

/** Makes a problem to look at: groups of tasks that talk among themselves, on nodes of two sizes, 70 % full. */
export function exampleText(seed: number): ProblemText {
  const random = new Random(seed);
  const tasks = Array.from({ length: TASKS }, (_, at) => ({ id: `task${at + 1}`, cpu: 1 + random.below(4), memory: 1 + random.below(8) }));
  const sizes = Array.from({ length: NODES }, (_, at) => (at % 2 === 0 ? 0.8 : 1.2));
  const capacity = (need: number, size: number): number => Math.ceil((need * size) / 0.7 / NODES);
  const total = (resource: "cpu" | "memory"): number => tasks.reduce((sum, task) => sum + task[resource], 0);
  const [cpu, memory] = [total("cpu"), total("memory")];
  const links = Array.from({ length: 2 * TASKS }, () => {
    const a = random.below(TASKS);
    const b = random.below(5) > 0 ? (a + GROUPS * (1 + random.below(TASKS / GROUPS - 1))) % TASKS : random.below(TASKS);
    return `task${a + 1} task${b + 1} ${(1 + random.below(9)) / 10}`;
  });
  return {
    tasks: tasks.map((task) => `${task.id} cpu=${task.cpu} memory=${task.memory}`).join("\n"),
    nodes: sizes.map((size, at) => `node${at + 1} cpu=${capacity(cpu, size)} memory=${capacity(memory, size)}`).join("\n"),
    links: links.join("\n"),
  };
}
