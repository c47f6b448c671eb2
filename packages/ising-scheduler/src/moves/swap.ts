import { UNPLACED } from "../compile/partners.ts";
import type { Move } from "./move.ts";
import { target } from "./target.ts";

/** Two tasks change places: where nodes are full, nothing else can move. */
export const swap: Move = (walk) => {
  const { assignment, random } = walk;
  const task = random.below(assignment.place.length);
  const to = target(walk, task);
  const from = assignment.place[task] ?? UNPLACED;
  if (to === from || from === UNPLACED) return;
  const there = assignment.on(to);
  const other = there.length === 0 ? UNPLACED : (there[random.below(there.length)] ?? UNPLACED);
  if (other === UNPLACED) return;
  const hard = assignment.exchangeHard(task, other);
  if (!walk.allows(hard)) return;
  const soft = assignment.exchangeSoft(task, other);
  if (walk.accepts(hard, soft)) assignment.takeExchange(task, other, hard, soft);
};
