import { apart } from "./apart.ts";
import type { Term } from "./term.ts";

/** Weight of affinities whose tasks are on different nodes. */
export const affinity: Term = apart(({ affinities }) => affinities);
