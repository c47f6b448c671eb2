import { UNPLACED } from "../compile/partners.ts";
import type { Move } from "./move.ts";
import { target } from "./target.ts";

/** One task goes to another node. */
export const single: Move = (walk) => {
  const { assignment, random } = walk;
  const task = random.below(assignment.place.length);
  const to = target(walk, task);
  const from = assignment.place[task] ?? UNPLACED;
  // Tasks that wait are placed by stages of their own.
  if (to === from || from === UNPLACED) return;
  const hard = assignment.changeHard(task, to);
  if (!walk.allows(hard)) return;
  const soft = assignment.changeSoft(task, to);
  if (walk.accepts(hard, soft)) assignment.take(task, to, hard, soft);
};
