import { UNPLACED } from "../compile/partners.ts";
import { largestFirst, Packing, roomLeft } from "./packing.ts";
import type { Start } from "./start.ts";

/** Everything stays where it runs; a task that runs nowhere goes where most room is. */
export const previous: Start = (problem, stopped) => {
  const { home, more } = problem;
  if (home.every((node) => node === UNPLACED)) return undefined;
  const packing = new Packing(problem);
  home.forEach((node, task) => node !== UNPLACED && !more?.waiting?.may(task) && packing.set(task, node));
  for (const task of largestFirst(problem)) {
    if (stopped()) return undefined;
    packing.put(task, (_, node, room) => roomLeft(problem, node, room));
  }
  return packing.done();
};
