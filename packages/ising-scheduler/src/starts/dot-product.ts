import { packLargestFirst } from "./packing.ts";
import type { Start } from "./start.ts";

/**
 * Dot product: largest tasks first, each where its demand is most like the room that is left (Panigrahy and others,
 * Heuristics for vector bin packing, 2011).
 */
export const dotProduct: Start = (problem, stopped) => {
  const { resources: { length: resources }, demandUnits, totalUnits } = problem;
  const weight = totalUnits.map((total) => 1 / Math.max(1, total) ** 2);
  return packLargestFirst(problem, stopped, (task, node, room) => {
    let product = 0;
    for (let r = 0; r < resources; r++) {
      product += (demandUnits[task * resources + r] ?? 0) * (room[node * resources + r] ?? 0) * (weight[r] ?? 0);
    }
    return product;
  });
};
