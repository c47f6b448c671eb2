/**
 * Runs of a scenario as an arbitrary of fast-check.
 *
 * @packageDocumentation
 */
export { runPlans, type RunPlansOptions } from "./run-plans.ts";
