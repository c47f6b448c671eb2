export { explainCommand } from "./explain.ts";
export { placeCommand } from "./place.ts";
export type { Answer, CommandOptions } from "./place.ts";
export { readFiles } from "./read-files.ts";
export type { ReadProblem } from "./read-files.ts";
export { whatIfCommand, withChanges } from "./what-if.ts";
export type { Change } from "./what-if.ts";
