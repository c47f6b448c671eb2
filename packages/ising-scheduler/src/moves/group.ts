import { UNPLACED } from "../partners.ts";
import type { Move } from "./move.ts";
import { target } from "./target.ts";

/** Most tasks that move at once. */
const GROUP_MAX = 8;

/**
 * A task goes to another node, and partners that are on its node go along, as far as there is room: alone, each would
 * break their links.
 */
export const group: Move = (walk) => {
  const { problem, assignment, random } = walk;
  const first = random.below(assignment.place.length);
  const to = target(walk, first);
  const from = assignment.place[first] ?? UNPLACED;
  if (to === from || from === UNPLACED) return;
  const { start, task: partner } = problem.links;
  const count = 2 + random.below(GROUP_MAX - 1);
  const moved: number[] = [];
  let [hard, soft] = [0, 0];
  const go = (task: number): void => {
    const harder = assignment.changeHard(task, to);
    if (!walk.allows(hard + harder)) return;
    const softer = assignment.changeSoft(task, to);
    hard += harder;
    soft += softer;
    assignment.take(task, to, harder, softer);
    moved.push(task);
  };
  go(first);
  for (let next = 0; next < moved.length && moved.length < count; next++) {
    const task = moved[next] ?? 0;
    for (let at = start[task] ?? 0; at < (start[task + 1] ?? 0) && moved.length < count; at++) {
      const other = partner[at] ?? 0;
      if (assignment.place[other] === from) go(other);
    }
  }
  if (moved.length > 0 && !walk.accepts(hard, soft)) for (const task of moved) assignment.move(task, from);
};
