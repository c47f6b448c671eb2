import { packLargestFirst, roomLeft } from "./packing.ts";
import type { Start } from "./start.ts";

/** Best fit decreasing: largest tasks first, each where it leaves the least room. */
export const bestFit: Start = (problem, stopped) => packLargestFirst(problem, stopped, (_, node, room) => -roomLeft(problem, node, room));
