export { BinaryQuadraticModel } from "./bqm.ts";
export type { Couplings, Vartype } from "./bqm.ts";
export { InfeasibleError, InvalidProblemError, SchedulerError, UnknownNameError } from "./errors.ts";
export { COUPLINGS_MAX } from "./placement-model.ts";
export type { PlacementModel } from "./placement-model.ts";
export type { EnergyWeights, Link, Node, SchedulerOptions, Task } from "./problem.ts";
export { AMOUNT_MAX, AMOUNT_MIN, NODES_MAX, TABLE_ENTRIES_MAX, TASKS_MAX } from "./read-problem.ts";
export type { Alternative, Energy, SchedulingResult, Shortage, TaskExplanation } from "./result.ts";
export { IsingScheduler, MOVES_MAX } from "./scheduler.ts";
