import { packLargestFirst } from "./packing.ts";
import type { Start } from "./start.ts";

/** Best fit decreasing: largest tasks first, each where it leaves the least room. */
export const bestFit: Start = (problem, stopped) => {
  const { resources: { length: resources }, totalUnits } = problem;
  return packLargestFirst(problem, stopped, (_, node, room) => {
    let left = 0;
    for (let r = 0; r < resources; r++) left += (room[node * resources + r] ?? 0) / Math.max(1, totalUnits[r] ?? 0);
    return -left;
  });
};
