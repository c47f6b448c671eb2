/**
 * Order of failing runs by the effort of reading them.
 */
import type { FailedRun } from "../scenario/scenario.ts";

/** Weight of the other parts of a run, in events. */
const WEIGHT = { fault: 10, decision: 5, fork: 5, operation: 5 } as const;
/** Kinds of randomness that can be removed. */
const CHANCES = 7;

/**
 * Returns the size of a failing run: its events and the weights of its other parts. A fraction of less than one event
 * decides between runs that are otherwise alike: less randomness, shorter times and rounder faults are smaller.
 */
export function sizeOf({ plan, events, operations, atMs }: FailedRun): number {
  return (
    events +
    WEIGHT.fault * plan.faults.length +
    WEIGHT.decision * plan.decisions.length +
    WEIGHT.fork * plan.forks.length +
    WEIGHT.operation * operations.length +
    0.01 * (CHANCES - new Set(plan.calm).size) +
    Math.min(0.5, atMs / 1e8) +
    Math.min(0.3, JSON.stringify(plan.faults).length / 1e5)
  );
}
