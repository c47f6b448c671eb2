/**
 * The solo log as an {@link Ordering}: hosted by the driver in a world, like everything else that runs.
 */
import { type Running, type World, host } from "@void-system/effects";
import type { StateMachine } from "@void-system/pbft";
import type { Ordering, Outcome } from "./gateway.ts";
import { SoloCore, type SoloDelivery, type SoloRequest, soloRecords } from "./solo-core.ts";

/** Maximum of operations in flight. A further one is refused as busy. */
const REQUESTS_MAX = 1_024;

/** A log of one node at work. */
export interface SoloOrdering extends Ordering {
  /** Operations executed so far. */
  executed(): number;
  /** Lets what was accepted become durable and be answered; then `done`. */
  stop(deadlineMs: number, done: () => void): void;
  /** The driver's counters. */
  stats(): Readonly<Record<string, number>>;
}

/** Opens the log `solo` of the world's disk and executes what it holds; `ready` is called when new operations count. */
export function soloOrdering(parts: {
  readonly world: World;
  readonly machine: StateMachine;
  readonly fatal: (cause: Error) => void;
  readonly ready: () => void;
}): SoloOrdering {
  const waiting = new Map<number, (outcome: Outcome) => void>();
  const core = new SoloCore(parts.machine, parts.world.network.self);
  let nextId = 1;
  const running: Running<SoloRequest> = host<never, SoloRequest, Parameters<typeof soloRecords.encode>[0], SoloDelivery>({
    world: parts.world,
    name: "solo",
    core,
    records: soloRecords,
    wire: { seal: () => new Uint8Array(0), open: (_from, _frame, _accept, reject) => reject("a log of one node takes no messages") },
    deliver: ({ id, result }) => {
      waiting.get(id)?.({ type: "executed", result });
      waiting.delete(id);
    },
    fatal: parts.fatal,
    ready: parts.ready,
  });
  return {
    submit(operation, done) {
      if (waiting.size >= REQUESTS_MAX) return "busy";
      const verdict = running.submit({ id: nextId, operation });
      if (verdict === "accepted") waiting.set(nextId++, done);
      return verdict;
    },
    executed: () => core.executed,
    stop: (deadlineMs, done) => running.stop(deadlineMs, done),
    stats: () => running.stats(),
  };
}
