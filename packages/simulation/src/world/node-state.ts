/**
 * A node, as one sees it who has stopped time.
 */
import type { PeerId } from "@void-system/effects";
import { type EventName, eventName } from "../engine/event-kind.ts";
import type { EventLoop } from "../engine/event-loop.ts";
import { FIELD } from "../engine/event-table.ts";
import type { LogContents } from "./simulated-disk.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { SIMULATION_EPOCH_MS } from "./simulated-world.ts";

/** Something that will happen to a node. */
export interface PendingEvent {
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

/** A node as it is now; `links` are those that it believes to be up, `nameOf` tells a node's name by its index. */
export function stateOf(
  node: SimulatedNode,
  loop: EventLoop,
  links: readonly PeerId[],
  nameOf: (index: number) => PeerId | undefined
): NodeState {
  const { table, nowUs, paused } = loop;
  return {
    id: node.id,
    running: node.life !== undefined,
    paused: paused.has(node.index),
    wallMs: SIMULATION_EPOCH_MS + Math.floor(node.clock.wallUs(nowUs) / 1000),
    links: [...links].sort(),
    logs: node.disk.contents(),
    pending: loop.pendingOf(node.index).map((event) => ({
      kind: eventName(table.kindOf(event)),
      atMs: table.timeUs(event) / 1000,
      peer: nameOf(table.get(event, FIELD.peer)),
    })),
    state: node.life?.booted?.state?.(),
  };
}
