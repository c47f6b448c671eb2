/**
 * Which service runs on which node, as the cluster has decided it.
 */
import type { Need } from "@void-system/effects/fibers";
import { IsingScheduler, type Node, type SchedulingResult } from "@void-system/ising-scheduler";
import { Store } from "../store/store.ts";
import type { Workload } from "./demand.ts";

/** Where the decided placement stands: a JSON object of node by service. */
export const PLACEMENT_KEY = "void/placement";

/** Node by service. */
export type Placement = Readonly<Record<string, string>>;

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

/** The placement in a text, or `undefined` for a text that holds none. */
export function parsePlacement(text: string): Placement | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const entries = Object.entries(value).flatMap(([task, node]: [string, unknown]) => (typeof node === "string" ? [[task, node] as const] : []));
    return Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}
