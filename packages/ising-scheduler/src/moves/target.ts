import { UNPLACED } from "../compile/partners.ts";
import type { Walk } from "./move.ts";

/** A node to try for a task: three times in four that of a random partner, where there is one. */
export function target({ problem, assignment, random }: Walk, task: number): number {
  const { links, affinities, nodes } = problem;
  const partners = links.task.length > 0 ? links : affinities;
  const start = partners.start[task] ?? 0;
  const count = (partners.start[task + 1] ?? 0) - start;
  if (count === 0 || (random.next() & 3) === 0) return random.below(nodes.length);
  const node = assignment.place[partners.task[start + random.below(count)] ?? 0] ?? UNPLACED;
  return node === UNPLACED ? random.below(nodes.length) : node;
}
