export { compile } from "./compile.ts";
export type { ClusterNode, ClusterProblem, ClusterTask, ClusterWeights, Distance, OnNode, Preference, Spread } from "./model.ts";
export { migrationsOf, replan } from "./replan.ts";
export type { Migration, Replan } from "./replan.ts";
export { NODE_ENTRIES_MAX, RULES_MAX } from "./read-eligibility.ts";
export { DISTANCE_MAX } from "./read-rules.ts";
