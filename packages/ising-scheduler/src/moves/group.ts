import { UNPLACED } from "../compile/partners.ts";
import type { Move } from "./move.ts";
import { target } from "./target.ts";

/** Most tasks that move at once. */
const GROUP_MAX = 8;

/** The tasks of the move that is being tried. */
const moved = new Int32Array(GROUP_MAX);

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
  const hardBefore = assignment.hard;
  const softBefore = assignment.soft;
  const { start, task: partner } = problem.links;
  const most = 2 + random.below(GROUP_MAX - 1);
  let count = 0;
  moved[count++] = first;
  for (let next = 0; next < count; next++) {
    const task = moved[next] ?? 0;
    const hard = assignment.changeHard(task, to);
    // One that has no room stays, and so do those that only it would bring along.
    if (!walk.allows(assignment.hard + hard - hardBefore)) continue;
    assignment.take(task, to, hard, assignment.changeSoft(task, to));
    const end = start[task + 1] ?? 0;
    for (let at = start[task] ?? 0; at < end && count < most; at++) {
      const other = partner[at] ?? 0;
      if (assignment.place[other] === from && !isAmong(other, next + 1, count)) moved[count++] = other;
    }
  }
  if (walk.accepts(assignment.hard - hardBefore, assignment.soft - softBefore)) return;
  for (let at = 0; at < count; at++) assignment.move(moved[at] ?? 0, from);
};

/** Returns true if a task is among some of those that were moved. */
function isAmong(task: number, first: number, end: number): boolean {
  for (let at = first; at < end; at++) if (moved[at] === task) return true;
  return false;
}
