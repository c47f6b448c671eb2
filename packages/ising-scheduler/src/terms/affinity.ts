import { pairs } from "./pairs.ts";
import type { Term } from "../compile/arrays.ts";

/** Weight of affinities whose tasks are on different nodes. */
export const affinity: Term = pairs(false, false, ({ affinities }) => affinities);
