/**
 * A node, as one sees it who has stopped time.
 */
import type { PeerId } from "../brand.ts";
import type { SimulatedNode } from "./kernel.ts";
import type { LogContents } from "./simulated-disk.ts";
import { SIMULATION_EPOCH_MS } from "./simulated-world.ts";
import { before, type EventName, eventName, type SimulationEvent } from "./simulation-event.ts";

/** Something that will happen to a node. */
export interface PendingEvent {
  /** What kind of thing. */
  readonly kind: EventName;
  /** When it is due, in virtual milliseconds. */
  readonly atMs: number;
  /** Frames and links: the other end. */
  readonly peer: PeerId | undefined;
}

/** What a node is and knows at a moment of a run. */
export interface NodeState {
  /** Who. */
  readonly id: PeerId;
  /** True from its start to its crash or the end of its stop. */
  readonly running: boolean;
  /** True while it is frozen. */
  readonly paused: boolean;
  /** Its wall clock. */
  readonly wallMs: number;
  /** The links that it believes to be up. */
  readonly links: readonly PeerId[];
  /** What is on its disk, by the names of its logs. */
  readonly logs: Readonly<Record<string, LogContents>>;
  /** What will happen to it, the next first. */
  readonly pending: readonly PendingEvent[];
  /** What its boot's `state` tells; nothing when it has none or is down. */
  readonly state: unknown;
}

/**
 * A node as it is now; `waiting` is what is still to happen to all, `deferred` what waits for it if it is paused, `links` which links it believes to be up, `nameOf` tells a node's name by its index.
 */
export function stateOf(
  node: SimulatedNode,
  waiting: readonly SimulationEvent[],
  deferred: readonly SimulationEvent[] | undefined,
  links: readonly PeerId[],
  nowUs: number,
  nameOf: (index: number) => PeerId | undefined
): NodeState {
  const pending = [...waiting, ...(deferred ?? [])].filter(
    (event) => event.node === node.index && event.run && event.life?.alive !== false
  );
  return {
    id: node.id,
    running: node.life !== undefined,
    paused: deferred !== undefined,
    wallMs: SIMULATION_EPOCH_MS + Math.floor(node.clock.wallUs(nowUs) / 1000),
    links: [...links].sort(),
    logs: node.disk.contents(node.life),
    pending: pending
      .sort((one, other) => (before(one, other) ? -1 : 1))
      .map(({ kind, timeUs, peer }) => ({ kind: eventName(kind), atMs: timeUs / 1000, peer: nameOf(peer) })),
    state: node.life?.booted?.state?.(),
  };
}
