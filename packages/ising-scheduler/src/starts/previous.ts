import { UNPLACED } from "../partners.ts";
import { largestFirst, Packing } from "./packing.ts";
import type { Start } from "./start.ts";

/** Everything stays where it runs; a task that runs nowhere goes where most room is. */
export const previous: Start = (problem, stopped) => {
  const { home, resources: { length: resources }, totalUnits, more } = problem;
  if (home.every((node) => node === UNPLACED)) return undefined;
  const packing = new Packing(problem);
  home.forEach((node, task) => node !== UNPLACED && !more?.waiting?.may(task) && packing.set(task, node));
  for (const task of largestFirst(problem)) {
    if (stopped()) return undefined;
    packing.put(task, (_, node, room) => {
      let left = 0;
      for (let r = 0; r < resources; r++) left += (room[node * resources + r] ?? 0) / Math.max(1, totalUnits[r] ?? 0);
      return left;
    });
  }
  return packing.done();
};
