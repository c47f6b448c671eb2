/**
 * Decides which service runs on which node, and commits the decision.
 */
import type { Need } from "@void-system/effects/fibers";
import { IsingScheduler, type Node, type SchedulingResult } from "@void-system/ising-scheduler";
import { PLACEMENT_KEY, parsePlacement } from "../store/placement.ts";
import { Store } from "../store/store.ts";
import type { Workload } from "./demand.ts";

/**
 * A placement of low energy: within every capacity, balanced, talkative services together, few moves away from
 * `before` (the text under {@link PLACEMENT_KEY}).
 *
 * @throws InfeasibleError of ising-scheduler, which names what is missing.
 */
export function placeWorkload(workload: Workload, nodes: readonly Node[], before?: string): SchedulingResult {
  const previous = before === undefined ? undefined : parsePlacement(before);
  const scheduler = new IsingScheduler(workload.tasks, nodes, { links: workload.links, ...(previous ? { previous } : {}) });
  scheduler.schedule();
  return scheduler.result();
}

/**
 * Places near to the placement before, and commits the result as one write, so that every node shows the same.
 *
 * @throws InfeasibleError of ising-scheduler, which names what is missing; then nothing is committed.
 */
export function* place(workload: Workload, nodes: readonly Node[]): Generator<Need<"void.store">, SchedulingResult> {
  const placed = placeWorkload(workload, nodes, yield* Store.get(PLACEMENT_KEY));
  yield* Store.set(PLACEMENT_KEY, JSON.stringify(placed.placement));
  return placed;
}
