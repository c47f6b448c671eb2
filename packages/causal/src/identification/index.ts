export { ARM_ROWS_MIN, backdoorEffect, INTERVAL_LEVEL, placeboTest } from "./backdoor-effect.ts";
export type { BackdoorEffect, BackdoorQuestion, Columns, Placebo } from "./backdoor-effect.ts";
export type { EffectEntry } from "./evaluate.ts";
export type { Expression } from "./expression.ts";
export { isHedge } from "./hedge.ts";
export type { CForest, Hedge } from "./hedge.ts";
export { identify } from "./identify.ts";
export type { EffectQuestion, Estimand, Identification } from "./identify.ts";
export { JOINT_TABLE_ENTRIES_MAX, JointTable } from "./joint-table.ts";
